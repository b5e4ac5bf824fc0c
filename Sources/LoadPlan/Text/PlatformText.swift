/// OpenIM's platforms as users write them: by number, or by name in lower case.
enum PlatformText {
    /// In the order of their numbers, from 1 (openimsdk/protocol, constant).
    static let names = ["ios", "android", "windows", "osx", "web", "miniweb", "linux", "apad", "ipad"]

    static let numbers = 1...9

    /// nil for any other text.
    static func number(_ text: String) -> Int? {
        if let index = names.firstIndex(of: text) { return index + 1 }
        guard let number = Int(text), numbers.contains(number), String(number) == text else { return nil }
        return number
    }
}
