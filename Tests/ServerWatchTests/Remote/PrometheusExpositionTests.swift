import LoadMetrics
import Testing

@testable import ServerWatch

@Suite struct PrometheusExpositionTests {
    private func parse(_ text: String) -> PrometheusExposition { PrometheusExposition(parsing: Array(text.utf8)) }

    @Test func everyFormOfALineIsRead() {
        let exposition = parse(
            """
            # HELP http_requests_total All of them.
            # TYPE http_requests_total counter
            #   TYPE   spaced   gauge
            http_requests_total{method="post",code="200",} 1027 1395066363000\r
            http_requests_total { method = "a\\"b\\\\c\\nd\\x" , code="}, " }\t3e2
            plain 1
              indented:name_2 -Inf
            not_a_number NaN
            hex 0x10 -5

            no_newline +Inf
            """)
        #expect(exposition.unreadableLines == 0)
        #expect(exposition.types == ["http_requests_total": "counter", "spaced": "gauge"])
        #expect(exposition.samples.count == 7)
        #expect(exposition.samples[0].labels.map(\.name) == ["method", "code"])
        #expect(exposition.samples[0].value == 1027)
        #expect(exposition.samples[1].labels.map(\.value) == ["a\"b\\c\nd\\x", "}, "])
        #expect(exposition.samples[1].value == 300)
        #expect(exposition.samples[3].value == -.infinity && exposition.samples[6].value == .infinity)
        #expect(exposition.samples[4].value.isNaN && exposition.samples[5].value == 16)
        #expect(exposition.sum("http_requests_total") == 1327)
        #expect(exposition.sum("not_a_number") == nil && exposition.sum("absent") == nil)
    }

    @Test(arguments: [
        "name", "name{", "name{a}", "name{a=}", "name{a=\"b} 1", "name{a=\"b\"", "name{a=\"b\"c=\"d\"} 1", "1name 2",
        "name 1 2 3", "name 1 x", "name one", "{} 1", "naïve 1", "name{a=\"b\\", "<html>",
    ])
    func aBrokenLineIsCountedAndSkipped(line: String) {
        let exposition = parse("good 1\n\(line)\nbetter 2\n")
        #expect(exposition.unreadableLines == 1)
        #expect(exposition.samples.map(\.name) == ["good", "better"])
    }

    @Test func seriesByNameOrExactLabels() {
        let exposition = parse(
            "q{name=\"a\",kind=\"x\"} 1\nq{name=\"b\"} 2\nq{name=\"b\"} 4\nq NaN\nhuge 1e308\nhuge{a=\"1\"} 1e308\n")
        #expect(exposition.value(of: "q") == 7)
        #expect(exposition.value(of: "q{name=\"b\"}") == 6)
        #expect(exposition.value(of: "q{kind=\"x\", name=\"a\"}") == 1)
        #expect(exposition.value(of: "q{name=\"a\"}") == nil)
        #expect(exposition.value(of: "q{") == nil && exposition.value(of: "") == nil)
        #expect(exposition.value(of: "huge") == nil)
    }

    @Test func theKnownNamesFillASample() {
        let sample = parse(
            """
            process_open_fds 17
            process_max_fds 1.048576e+06
            process_cpu_seconds_total 4.25
            process_resident_memory_bytes 2.097152e+07
            go_threads 9
            go_goroutines 949
            online_user_num{gateway="0"} 3
            online_user_num{gateway="1"} -1
            other 5
            """
        ).serverSample(source: 2, atS: 1.5, series: ["other", "absent"])
        #expect(sample.source == 2 && sample.atS == 1.5)
        #expect(sample.descriptors == 17 && sample.descriptorLimit == 1_048_576)
        #expect(sample.cpuSeconds == 4.25 && sample.residentKiB == 20_480)
        #expect(sample.threads == 9 && sample.goroutines == 949 && sample.accountsOnline == 2)
        #expect(sample.series == ["other": 5])
    }

    @Test func whatNoIntegerHoldsIsNotKnown() {
        let sample = parse("process_open_fds 1e300\ngo_goroutines NaN\nprocess_threads 7\ngo_threads 8\n")
            .serverSample(source: 0, atS: 0, series: [])
        #expect(sample.descriptors == nil && sample.goroutines == nil && sample.threads == 7 && sample.series == nil)
    }

    @Test func anyBytesAreRead() {
        var mutator = DumpMutator()
        let text = Array("# TYPE a counter\na{b=\"c\\n\",d=\"\"} 1.5 99\nb 0x1p-3\nc{x=\"\\\\\"} +Inf\n".utf8)
        for round in 0..<2000 {
            let exposition = PrometheusExposition(parsing: mutator.mutated(text))
            #expect(
                exposition.samples.count + exposition.unreadableLines < 200, "seed \(mutator.seed), round \(round)")
            _ = exposition.serverSample(source: 0, atS: 0, series: ["a", "c{x=\"\\\\\"}"])
        }
    }
}
