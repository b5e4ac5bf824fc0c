import Testing

@testable import Enrollment

@Suite struct EnrollmentTests {}
