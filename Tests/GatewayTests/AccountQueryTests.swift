import Testing

@testable import Gateway

struct AccountQueryTests {
    @Test(arguments: [
        ("/", AccountQuery.absent),
        ("/?", .absent),
        ("/ws?room=1", .absent),
        ("/ws?Account=x", .absent),
        ("/?account=user-1", .account("user-1")),
        ("/a/b?x=1&account=user-1&y=2", .account("user-1")),
        ("/?account=first&account=second", .account("first")),
        ("/?account=a%20b%2B+%C3%A9", .account("a b++é")),
        ("/?account=a=b", .account("a=b")),
        ("/?account=", .malformed),
        ("/?account", .malformed),
        ("/?account=%", .malformed),
        ("/?account=%4", .malformed),
        ("/?account=%zz", .malformed),
        ("/?account=%ff", .malformed),
        ("/?account=" + String(repeating: "a", count: 256), .account(String(repeating: "a", count: 256))),
        ("/?account=" + String(repeating: "a", count: 257), .malformed),
    ])
    func parses(target: String, expected: AccountQuery) {
        #expect(AccountQuery(target: target) == expected)
    }
}
