internal import Yams

/// YAML text made safe for Yams, which knows no limits of its own: it expands aliases while it reads, hashes the
/// expansion when it stands for a key, and gives up on the first key that is given twice.
///
/// Aliases are taken away by writing a character that no document has in place of their `*`, so that Yams sees plain
/// scalars; `DocumentReader` expands them. A second key of the same name is kept apart in the same way. Every
/// replacement is one scalar by one scalar, so all places stay what they are.
struct YAMLText {
    /// Stands for the `*` of an alias.
    static let aliasMark: Unicode.Scalar = "\u{10FFFE}"

    private(set) var source: SourceText
    /// What a key was called before it was renamed.
    private(set) var renamedKeys: [String: String] = [:]
    /// Where they stand.
    private(set) var renamedMarks: [SourceMark] = []

    /// Fails at characters that YAML 1.2 §5.1 does not allow, or noncharacters, with the first one's offset.
    init(_ source: SourceText) throws(ForbiddenCharacter) {
        if let offset = source.scalars.firstIndex(where: { !Self.isAllowed($0) }) {
            throw ForbiddenCharacter(offset: offset)
        }
        self.source = source
        for offset in source.scalars.indices where Self.maybeAlias(source.scalars, at: offset) {
            self.source.replace(at: offset, with: Self.aliasMark)
        }
    }

    struct ForbiddenCharacter: Error {
        let offset: Int
    }

    private static let noncharacters: [Unicode.Scalar] = (1...15).flatMap { plane in
        [0xFFFE, 0xFFFF].compactMap { Unicode.Scalar(UInt32(plane << 16 + $0)) }
    }
    private static let padding: Unicode.Scalar = "\u{10FFFF}"

    /// Renames the key at a place to one that no document has.
    ///
    /// The document is then read anew, so a large one is allowed few of these.
    /// - Returns: false when the key does not stand there as it reads, or too many have been renamed.
    mutating func rename(key: String, at mark: SourceMark) -> Bool {
        let isAffordable = renamedKeys.count * source.byteCount < 2 * Profile.maxDocumentBytes
        guard isAffordable, renamedKeys.count < Self.noncharacters.count, !key.isEmpty,
            var offset = source.offset(of: mark)
        else {
            return false
        }
        if source.has("\"", at: offset) || source.has("'", at: offset) { offset += 1 }
        guard source.has(key, at: offset) else { return false }
        var name = String.UnicodeScalarView()
        for index in key.unicodeScalars.indices {
            let isFirst = index == key.unicodeScalars.startIndex
            name.append(isFirst ? Self.noncharacters[renamedKeys.count] : Self.padding)
            source.replace(at: offset, with: isFirst ? Self.noncharacters[renamedKeys.count] : Self.padding)
            offset += 1
        }
        renamedKeys[String(name)] = key
        renamedMarks.append(mark)
        return true
    }

    /// Text as the document has it.
    static func restored(_ text: String) -> String {
        guard text.unicodeScalars.contains(aliasMark) else { return text }
        var restored = String.UnicodeScalarView()
        for scalar in text.unicodeScalars { restored.append(scalar == aliasMark ? "*" : scalar) }
        return String(restored)
    }

    /// The name of the alias that a plain scalar stands for; nil when it is text.
    static func aliasName(_ text: String) -> String? {
        let name = text.unicodeScalars.dropFirst()
        guard text.unicodeScalars.first == aliasMark, !name.isEmpty, name.allSatisfy(isNameCharacter) else {
            return nil
        }
        return String(name)
    }

    private static func isAllowed(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x09, 0x0A, 0x0D, 0x20...0x7E, 0x85, 0xA0...0xD7FF, 0xE000...0xFDCF, 0xFDF0...0xFEFE, 0xFF00...0xFFFD: true
        case 0x10000...0x10FFFF: scalar.value & 0xFFFE != 0xFFFE
        default: false
        }
    }

    /// A token can begin here, and a name follows the `*`.
    private static func maybeAlias(_ scalars: [Unicode.Scalar], at offset: Int) -> Bool {
        scalars[offset] == "*" && offset + 1 < scalars.count && isNameCharacter(scalars[offset + 1])
            && (offset == 0 || !isNameCharacter(scalars[offset - 1]))
    }

    /// What libyaml takes for a part of an anchor's name.
    private static func isNameCharacter(_ scalar: Unicode.Scalar) -> Bool {
        scalar.isASCII
            && (scalar.properties.isAlphabetic || ("0"..."9").contains(scalar) || scalar == "_" || scalar == "-")
    }
}
