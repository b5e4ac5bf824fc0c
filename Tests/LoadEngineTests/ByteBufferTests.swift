import Testing

@testable import LoadEngine

@Suite struct ByteBufferTests {
    @Test(arguments: [0, 7, 9, 10, 99, 100, 12_345, 999_999_999_999_999_999, 9_999_999_999_999_999_999, UInt64.max])
    func numbersAreWrittenAsTheyAreRead(_ number: UInt64) {
        let buffer = ByteBuffer(capacity: 64)
        buffer.append(UInt8(ascii: "<"))
        buffer.append(decimal: number)
        buffer.append(UInt8(ascii: " "))
        buffer.append(hexadecimal: number)
        buffer.append(UInt8(ascii: ">"))
        let hexadecimal = String(number, radix: 16)
        let zeros = String(repeating: "0", count: 16 - hexadecimal.count)
        #expect(String(decoding: buffer.bytes, as: UTF8.self) == "<\(number) \(zeros)\(hexadecimal)>")
    }

    @Test func everyPowerOfTenAndItsNeighbours() {
        let buffer = ByteBuffer(capacity: 1)
        var power: UInt64 = 1
        for _ in 0..<20 {
            for number in [power - 1, power, power + 1] {
                buffer.removeAll()
                buffer.append(decimal: number)
                #expect(String(decoding: buffer.bytes, as: UTF8.self) == "\(number)")
            }
            power = power.multipliedReportingOverflow(by: 10).partialValue
        }
    }
}
