/// Whose behaviour the gateway and its service show, where the two differ.
package enum OpenIMVersion: String, CaseIterable, Codable, Sendable {
    // swift-format-ignore: AlwaysUseLowerCamelCase
    case v3_5_1 = "3.5.1"
    // swift-format-ignore: AlwaysUseLowerCamelCase
    case v3_8_3 = "3.8.3"
}
