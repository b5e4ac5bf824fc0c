import Testing
import WebSocketWire

/// Every rule of RFC 6455 §5 broken, one at a time.
struct FrameReaderViolationTests {
    struct Fault: CustomTestStringConvertible {
        let testDescription: String
        let stream: [UInt8]
        let violation: ProtocolViolation
        /// How many bytes of `stream` must be enough to see it.
        let visibleAfter: Int

        init(_ name: String, _ stream: [UInt8], _ violation: ProtocolViolation, visibleAfter: Int? = nil) {
            testDescription = name
            self.stream = stream
            self.violation = violation
            self.visibleAfter = visibleAfter ?? stream.count
        }
    }

    static let openMessage: [UInt8] = [0x01, 1, 0x61]

    static var faults: [Fault] {
        var faults: [Fault] = []
        for first in 0...255 {
            let byte = UInt8(first)
            let opcode = byte & 15
            if byte & 0x70 != 0 {
                faults.append(Fault("first byte \(byte)", [byte], .reservedBits))
            } else if Opcode(rawValue: opcode) == nil {
                faults.append(Fault("first byte \(byte)", [byte], .reservedOpcode))
            } else if opcode >= 8, byte < 128 {
                faults.append(Fault("control frame without FIN \(opcode)", [byte], .fragmentedControlFrame))
            } else if opcode == 0 {
                faults.append(Fault("continuation \(byte)", [byte], .unexpectedContinuation))
            } else if opcode < 8 {
                faults.append(Fault("interleaved \(byte)", openMessage + [byte], .interleavedMessage))
            }
        }
        for second in 128...255 {
            faults.append(Fault("masked text \(second)", [0x81, UInt8(second)], .maskedFrame))
            faults.append(Fault("masked ping \(second)", [0x89, UInt8(second)], .maskedFrame))
        }
        for opcode: UInt8 in [0x88, 0x89, 0x8A] {
            faults.append(Fault("control length 126, \(opcode)", [opcode, 126], .controlFrameTooLong))
            faults.append(Fault("control length 127, \(opcode)", [opcode, 127], .controlFrameTooLong))
        }
        for length: UInt8 in [0, 1, 125] {
            faults.append(Fault("16-bit length \(length)", [0x82, 126, 0, length], .lengthNotMinimal))
            faults.append(Fault("16-bit length \(length), text", [0x81, 126, 0, length], .lengthNotMinimal))
        }
        faults += [
            Fault("64-bit length 0", [0x82, 127, 0, 0, 0, 0, 0, 0, 0, 0], .lengthNotMinimal),
            Fault("64-bit length 125", [0x82, 127, 0, 0, 0, 0, 0, 0, 0, 125], .lengthNotMinimal),
            Fault("64-bit length 65535", [0x82, 127, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF], .lengthNotMinimal),
            Fault("64-bit top bit", [0x82, 127, 0x80, 0, 0, 0, 0, 0, 0, 0], .lengthTopBit, visibleAfter: 3),
            Fault("largest length", [0x82, 127, 0x7F, 255, 255, 255, 255, 255, 255, 255], .messageTooBig),
            Fault("1 GB", [0x82, 127, 0, 0, 0, 0, 0x40, 0, 0, 0], .messageTooBig),
            Fault("interleaved after fragments", openMessage + [0x00, 1, 0x61, 0x82], .interleavedMessage),
            Fault("continuation after a message", [0x81, 1, 0x61, 0x80], .unexpectedContinuation),
            Fault("continuation after a ping", [0x89, 0, 0x80], .unexpectedContinuation),
            Fault("surrogate", [0x81, 5, 0x61, 0xED, 0xA0, 0x80, 0x61], .invalidText, visibleAfter: 5),
            Fault("above U+10FFFF", [0x81, 4, 0xF4, 0x90, 0x80, 0x80], .invalidText, visibleAfter: 4),
            Fault("overlong slash", [0x81, 2, 0xC0, 0xAF], .invalidText, visibleAfter: 3),
            Fault("character cut by the end", [0x81, 2, 0xE2, 0x82], .invalidText),
            Fault("character cut by an empty last fragment", [0x01, 1, 0xE2, 0x80, 0], .invalidText),
            Fault("bad byte in the second fragment", [0x01, 1, 0xE2, 0x80, 9, 0x61], .invalidText),
            Fault("close with one byte", [0x88, 1, 3], .closePayloadTooShort, visibleAfter: 2),
            Fault("close reason", [0x88, 4, 3, 0xE8, 0xC3, 0x28], .invalidCloseReason),
            Fault("close reason cut", [0x88, 3, 3, 0xE8, 0xC3], .invalidCloseReason),
        ]
        return faults
    }

    @Test func everyFaultIsSeenAtItsByteAndAtEveryCut() throws {
        for fault in Self.faults {
            for stream in [fault.stream, Array(fault.stream.prefix(fault.visibleAfter))] {
                for cut in 0...stream.count {
                    let observed = try Transcript.of(stream, cuts: [cut])
                    #expect(observed.last == .violation(fault.violation), "\(fault.testDescription), cut \(cut)")
                }
            }
            let early = try Transcript.of(Array(fault.stream.prefix(fault.visibleAfter - 1)))
            #expect(early.last != .violation(fault.violation), "\(fault.testDescription) is judged too early")
        }
    }

    @Test func everyViolationHasAFault() {
        let seen = Set(Self.faults.map(\.violation)).union([.closeCodeNotAllowed])
        #expect(seen == Set(ProtocolViolation.allCases))
    }

    @Test func closeCodesOnTheWire() throws {
        for code in 0...65_535 {
            let isAllowed = [1000...1003, 1007...1014, 3000...4999].contains { $0.contains(code) }
            let observed = try Transcript.of([0x88, 2, UInt8(code >> 8), UInt8(code & 255)])
            #expect(observed == [isAllowed ? .close(UInt16(code), []) : .violation(.closeCodeNotAllowed)])
        }
    }

    @Test func sizeLimitCountsTheWholeMessage() throws {
        let within = ServerFrame(.binary, [1, 2, 3], isFinal: false).bytes + ServerFrame(.continuation, [4, 5]).bytes
        #expect(try Transcript.of(within, maxMessageBytes: 5) == [.message(.binary, [1, 2, 3, 4, 5])])
        for cut in 0...within.count {
            #expect(try Transcript.of(within, cuts: [cut], maxMessageBytes: 4) == [.violation(.messageTooBig)])
        }
        // The limit is for each message anew, whole or in fragments, and control frames do not count.
        let two =
            within + ServerFrame(.ping, [9, 9, 9, 9, 9, 9]).bytes + within
            + ServerFrame(.text, Array("abcde".utf8)).bytes
        #expect(try Transcript.of(two, maxMessageBytes: 5).count == 4)
        #expect(try Transcript.of([0x81, 6], maxMessageBytes: 5) == [.violation(.messageTooBig)])
        #expect(try Transcript.of([0x81, 0], maxMessageBytes: 0) == [.message(.text, [])])
        #expect(try Transcript.of([0x81, 1], maxMessageBytes: -1) == [.violation(.messageTooBig)])
    }

    @Test func codesSlugsAndDescriptions() {
        #expect(ProtocolViolation.messageTooBig.closeCode == 1009)
        #expect(ProtocolViolation.invalidText.closeCode == 1007)
        #expect(ProtocolViolation.invalidCloseReason.closeCode == 1007)
        #expect(ProtocolViolation.allCases.count { $0.closeCode == 1002 } == ProtocolViolation.allCases.count - 3)
        #expect(Set(ProtocolViolation.allCases.map(\.slug)).count == ProtocolViolation.allCases.count)
        #expect(Set(ProtocolViolation.allCases.map(\.description)).count == ProtocolViolation.allCases.count)
        #expect(
            ProtocolViolation.allCases.allSatisfy { $0.slug.utf8.allSatisfy { $0 == 95 || (97...122).contains($0) } })
    }
}
