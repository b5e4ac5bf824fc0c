import Testing

/// The built binary, from outside. One test at a time: each one's load would disturb another's.
@Suite(.serialized) struct EndToEnd {}
