import LoadPlan
import Testing

@Suite struct TemplateTests {
    private static func literal(_ text: String) -> Template.Segment { .literal(Array(text.utf8)) }

    @Test(
        arguments: [
            ("", []), ("hello", [literal("hello")]),
            (
                "hello {account} {iteration}",
                [literal("hello "), .placeholder(.account), literal(" "), .placeholder(.iteration)]
            ),
            ("{index}{sequence}{random}", [.placeholder(.index), .placeholder(.sequence), .placeholder(.random)]),
            ("{{}}", [literal("{}")]), ("{{{index}}}", [literal("{"), .placeholder(.index), literal("}")]),
            (#"{{"a":1}}"#, [literal(#"{"a":1}"#)]), ("é{index}漢", [literal("é"), .placeholder(.index), literal("漢")]),
        ] as [(String, [Template.Segment])])
    func reads(text: String, segments: [Template.Segment]) throws {
        let template = try Template(parsing: text)
        #expect(template == Template(segments: segments))
        #expect(template.sourceText == text)
    }

    @Test(arguments: [
        ("{acount}", 1, #"unknown placeholder "{acount}""#, "did you mean {account}?"),
        (
            "ab {foo}", 4, #"unknown placeholder "{foo}""#,
            "the placeholders are {account}, {index}, {login}, {iteration}, {sequence}, {random}, {token}, {platform}"
        ),
        (#"{"a":1}"#, 1, #"unknown placeholder "{"a":1}""#, "write {{ and }} for braces themselves"),
        ("{}", 1, #"unknown placeholder "{}""#, "write {{ and }} for braces themselves"),
        ("a {index", 3, "{ without its }", "write {{ for a brace itself"),
        ("{a{b}}", 1, "{ without its }", "write {{ for a brace itself"),
        ("a } b", 3, "a single } without its {", "write }} for a brace itself"),
        ("{index}}", 8, "a single } without its {", "write }} for a brace itself"),
    ])
    func refuses(text: String, column: Int, message: String, hint: String) {
        let problem = #expect(throws: TextProblem.self) { try Template(parsing: text) }
        #expect(problem == TextProblem(text: text, column: column, message: message, hint: hint))
    }

    @Test func knowsItsParts() throws {
        let template = try Template(parsing: "a{index}bc{{")
        #expect(template.literalText == nil)
        #expect(template.literalByteCount == 4)
        #expect(template.placeholders == [.index])
        #expect(try Template(parsing: "x{{y").literalText == "x{y")
        #expect(Template(literal: "").segments.isEmpty)
        #expect(Template(literal: "{a}").sourceText == "{{a}}")
    }
}
