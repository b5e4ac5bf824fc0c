import Testing

@testable import Dialects

@Suite struct CodecTests {}
