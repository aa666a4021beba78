//! Files of every format, matched in every way, through what the host uses.

use super::{Content, ContentError, Fault, Format, Matching, NoRecords, ReadLimits, Shape};

const LIMITS: ReadLimits = ReadLimits {
    bytes: 16 * 1024 * 1024,
    entries: 1_000_000,
};

fn shape(format: Format, matching: Matching, key: Option<&str>) -> Shape {
    Shape {
        format,
        matching,
        key: key.map(str::to_owned),
    }
}

fn read(format: Format, matching: Matching, file: &str) -> Result<Content, ContentError> {
    Content::read(file.into(), &shape(format, matching, None), LIMITS)
}

fn read_by_key(format: Format, key: &str, file: &str) -> Result<Content, ContentError> {
    let shape = shape(format, Matching::Exact, Some(key));
    Content::read(file.into(), &shape, LIMITS)
}

fn list(matching: Matching, file: &str) -> Content {
    read(Format::Text, matching, file).expect("a list")
}

fn fault(file: Result<Content, ContentError>) -> (usize, Fault) {
    match file {
        Err(ContentError::Line { line, fault }) => (line, fault),
        other => panic!("{other:?} is no fault on a line"),
    }
}

#[track_caller]
fn assert_in(content: &Content, values: &[&str]) {
    for value in values {
        assert!(content.contains(value), "{value:?} is in it");
    }
}

#[track_caller]
fn assert_not_in(content: &Content, values: &[&str]) {
    for value in values {
        assert!(!content.contains(value), "{value:?} is not in it");
    }
}

#[track_caller]
fn assert_record(content: &Content, key: &str, record: Option<&str>) {
    let found = content.lookup(key).expect("a table");
    assert_eq!(found.as_deref(), record, "{key:?}");
    assert_eq!(content.contains(key), record.is_some(), "{key:?}");
}

mod matching {
    use super::*;

    #[test]
    fn exact_means_every_byte() {
        let content = list(Matching::Exact, "jane@example.com\nÄ\n");
        assert_in(&content, &["jane@example.com", "Ä"]);
        assert_not_in(
            &content,
            &[
                "",
                "Jane@example.com",
                "jane@example.co",
                "jane@example.com ",
                "ä",
                "A\u{308}",
            ],
        );
    }

    #[test]
    fn ignore_case_means_lower_case_on_both_sides() {
        let content = list(Matching::IgnoreCase, "Jane@Example.com\nÄRGER\nσας\nİ");
        assert_in(
            &content,
            &[
                "JANE@example.COM",
                "jane@example.com",
                "ärger",
                "Ärger",
                "i",
            ],
        );
        assert_not_in(&content, &["", "jane@example.org", "arger", "σασ"]);
        let long = "X".repeat(100_000);
        let content = list(Matching::IgnoreCase, &long);
        assert_in(&content, &[&long, &long.to_lowercase()]);
        assert_not_in(&content, &[&long[1..], &format!("{long}X")]);
    }

    #[test]
    fn a_domain_stands_for_its_sub_domains() {
        let content = list(
            Matching::Domain,
            "example.com\nSUB.Example.ORG.\nMÜNCHEN.example\n",
        );
        assert_in(
            &content,
            &[
                "example.com",
                "example.com.",
                "EXAMPLE.com",
                "a.b.Example.Com.",
                "sub.example.org",
                "x.sub.example.org",
                "münchen.example",
                "www.MÜNCHEN.example",
            ],
        );
        assert_not_in(
            &content,
            &[
                "",
                ".",
                "com",
                "evil-example.com",
                "example.com.evil",
                "example.com..",
                ".example.com",
                "a..example.com",
                "jane@example.com",
                "evil/.example.com",
                "jane@mail.example.com",
                " example.com",
                "example.com\0",
                "example.org",
                "munchen.example",
                "xn--mnchen-3ya.example",
                &"a.".repeat(200_000),
                &format!("{}example.com", "a.".repeat(200)),
            ],
        );
    }

    #[test]
    fn the_longest_domain_is_looked_up() {
        let file = r#"{"example.com": 1, "b.example.com": 2, "a.b.example.com": 3, "com": 4}"#;
        let content = read(Format::Json, Matching::Domain, file).unwrap();
        for (domain, record) in [
            ("example.com", "1"),
            ("b.example.com", "2"),
            ("c.b.example.com", "2"),
            ("x.A.b.example.com.", "3"),
            ("other.example.com", "1"),
            ("com", "4"),
            ("x.com", "4"),
        ] {
            assert_record(&content, domain, Some(record));
        }
        assert_record(&content, "example.org", None);
    }

    #[test]
    fn a_network_stands_for_its_addresses() {
        let file = "10.0.0.0/8\n192.0.2.7\n2001:db8::/32\n::ffff:198.51.100.0/120\n";
        let content = list(Matching::Network, file);
        assert_in(
            &content,
            &[
                "10.0.0.0",
                "10.255.255.255",
                "::ffff:10.0.0.1",
                "::ffff:a00:1",
                "192.0.2.7",
                "2001:db8::1",
                "2001:DB8:ffff:ffff:ffff:ffff:ffff:ffff",
                "198.51.100.9",
            ],
        );
        assert_not_in(
            &content,
            &[
                "",
                "9.255.255.255",
                "11.0.0.0",
                "192.0.2.6",
                "192.0.2.8",
                "2001:db9::",
                "::10.0.0.1",
                "010.0.0.1",
                "10.0.0.1 ",
                "10.0.0.1\0",
                "10.0.0.0/8",
                "10.1",
                "167772161",
                "2001:db8::1%eth0",
                "[2001:db8::1]",
                "10.0.0.1:80",
            ],
        );
    }

    #[test]
    fn the_longest_prefix_is_looked_up() {
        let file = r#"{
            "0.0.0.0/0": 0, "10.0.0.0/8": 8, "10.1.0.0/16": 16, "10.1.0.5": 32, "10.0.0.0/24": 24,
            "::/0": "six", "2001:db8::/32": "doc", "10.255.0.0/16": "end"
        }"#;
        let content = read(Format::Json, Matching::Network, file).unwrap();
        for (address, record) in [
            ("0.0.0.0", "0"),
            ("255.255.255.255", "0"),
            ("9.255.255.255", "0"),
            ("10.0.0.0", "24"),
            ("10.0.1.0", "8"),
            ("10.0.255.255", "8"),
            ("10.1.0.4", "16"),
            ("10.1.0.5", "32"),
            ("::ffff:10.1.0.5", "32"),
            ("10.1.0.6", "16"),
            ("10.2.0.0", "8"),
            ("10.255.255.255", "\"end\""),
            ("11.0.0.0", "0"),
            ("::", "\"six\""),
            ("2001:db8::", "\"doc\""),
            ("2001:db9::", "\"six\""),
            ("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "\"six\""),
        ] {
            assert_record(&content, address, Some(record));
        }
        assert_record(&content, "none", None);
        assert_eq!(content.len(), 8);
    }

    #[test]
    fn all_of_ipv6_is_nothing_of_ipv4() {
        let content = list(Matching::Network, "::/0");
        assert_in(&content, &["::1", "::ffff:1:2:3"]);
        assert_not_in(&content, &["10.0.0.1", "::ffff:10.0.0.1"]);
        let content = list(Matching::Network, "0.0.0.0/0");
        assert_in(&content, &["10.0.0.1", "::ffff:10.0.0.1"]);
        assert_not_in(&content, &["::1"]);
    }

    #[test]
    fn nothing_is_in_an_empty_dataset() {
        for matching in [
            Matching::Exact,
            Matching::IgnoreCase,
            Matching::Domain,
            Matching::Network,
        ] {
            let content = list(matching, "# nothing yet\n");
            assert!(content.is_empty());
            assert_not_in(&content, &["", "a", "example.com", "10.0.0.1", "::1"]);
        }
    }

    #[test]
    fn an_entry_that_the_matching_does_not_know_is_refused() {
        let domains = read(Format::Text, Matching::Domain, "a.example\n*.b.example\n");
        assert_eq!(fault(domains), (2, Fault::NotADomain));
        let addresses = read(Format::Text, Matching::Domain, "192.0.2.1");
        assert_eq!(fault(addresses), (1, Fault::NotADomain));
        let networks = read(Format::Text, Matching::Network, "10.0.0.0/8\n\n10.0.0.0/33");
        assert_eq!(fault(networks), (3, Fault::NotANetwork));
        let table = read(Format::Csv, Matching::Network, "net,name\n::/0,a\n,b\n");
        assert_eq!(fault(table), (3, Fault::EmptyKey));
        let table = read(
            Format::Json,
            Matching::Domain,
            "{\n\"a.example\":1,\n\"b c\":2}",
        );
        assert_eq!(fault(table), (3, Fault::NotADomain));
    }
}

mod text {
    use super::*;

    #[test]
    fn lines_are_trimmed_and_comments_are_not_read() {
        let file = "\u{feff}# people\r\n  jane \r\n\r\njohn\t# left in May\r\n#max\na#b\nc #d#e\n\u{a0}last\u{a0}";
        let content = list(Matching::Exact, file);
        assert_in(&content, &["jane", "john", "a#b", "c", "last"]);
        assert_not_in(&content, &["", "# people", "max", "#max", "a", "d", "e"]);
        assert_eq!(content.len(), 5);
    }

    #[test]
    fn a_list_has_no_records() {
        let content = list(Matching::Exact, "a");
        assert_eq!(content.lookup("a"), Err(NoRecords));
        assert_eq!(content.lookup("b"), Err(NoRecords));
        let networks = list(Matching::Network, "::/0");
        assert_eq!(networks.lookup("::1"), Err(NoRecords));
    }

    #[test]
    fn entries_that_say_the_same_are_one() {
        assert_eq!(list(Matching::Exact, "a\na\nA\n").len(), 2);
        assert_eq!(list(Matching::IgnoreCase, "a\na\nA\n").len(), 1);
        assert_eq!(list(Matching::Domain, "a.b\nA.b.\n").len(), 1);
        let networks = "10.0.0.0/8\n10.1.2.3/8\n::ffff:10.0.0.0/104\n10.0.0.0/9\n";
        assert_eq!(list(Matching::Network, networks).len(), 2);
    }

    #[test]
    fn bytes_that_are_no_text_are_refused_with_their_line() {
        let shape = shape(Format::Text, Matching::Exact, None);
        let read = |bytes: &[u8]| Content::read(bytes.to_vec(), &shape, LIMITS);
        assert_eq!(fault(read(b"a\nb\nc\xff\nd")), (3, Fault::NotUtf8));
        assert_eq!(fault(read(b"\xff\xfea\0")), (1, Fault::NotUtf8), "UTF-16");
        let control = |line| (line, Fault::ControlCharacter);
        assert_eq!(fault(read(b"a\0\n\0b\0\n\0")), control(1), "UTF-16");
        assert_eq!(fault(read(b"ok\nnot\0ok")), control(2));
        assert_eq!(fault(read(b"a\rb\rc")), control(1), "lines that end in CR");
    }

    #[test]
    fn a_key_has_no_place_in_it() {
        let read = read_by_key(Format::Text, "email", "a");
        assert_eq!(read.unwrap_err(), ContentError::NoColumns);
    }

    #[test]
    fn a_huge_line_is_an_entry() {
        let line = "é".repeat(1_000_000);
        let content = list(Matching::Exact, &line);
        assert_in(&content, &[&line]);
        assert_not_in(&content, &[&line[2..]]);
    }
}

mod csv {
    use super::*;

    #[test]
    fn a_row_is_an_object_of_all_its_columns() {
        let file = "\u{feff}email,\"full \"\"name\"\"\",note\r\n\
                    a@b.c,\"Doe, Jane\",\"said \"\"no\"\"\nand left\"\r\n\
                    \r\n\
                    d@e.f, x ,\n\
                    \"g@h.i\",\"\",\\\t";
        let content = read(Format::Csv, Matching::Exact, file).unwrap();
        assert_eq!(content.len(), 3);
        for (key, record) in [
            (
                "a@b.c",
                r#"{"email":"a@b.c","full \"name\"":"Doe, Jane","note":"said \"no\"\nand left"}"#,
            ),
            (
                "d@e.f",
                r#"{"email":"d@e.f","full \"name\"":" x ","note":""}"#,
            ),
            (
                "g@h.i",
                r#"{"email":"g@h.i","full \"name\"":"","note":"\\\t"}"#,
            ),
        ] {
            assert_record(&content, key, Some(record));
        }
        assert_record(&content, "email", None);
        assert_record(&content, "", None);
    }

    #[test]
    fn the_key_is_in_the_column_that_the_operator_names() {
        let file = "id,Email\n1,a\n2,b\n";
        let content = read_by_key(Format::Csv, "Email", file).unwrap();
        assert_record(&content, "b", Some(r#"{"id":"2","Email":"b"}"#));
        assert_record(&content, "2", None);
        let missing = read_by_key(Format::Csv, "email", file);
        let key = "email".to_owned();
        assert_eq!(fault(missing), (1, Fault::NoKeyColumn { key }));
    }

    #[test]
    fn rows_are_found_by_network_and_by_domain() {
        let file = "net,site\n10.0.0.0/8,all\n10.1.0.0/16,lab\n";
        let content = read(Format::Csv, Matching::Network, file).unwrap();
        let record = r#"{"net":"10.1.0.0/16","site":"lab"}"#;
        assert_record(&content, "::ffff:10.1.2.3", Some(record));
        let file = "name,domain\nA,Example.com.\n";
        let shape = shape(Format::Csv, Matching::Domain, Some("domain"));
        let content = Content::read(file.into(), &shape, LIMITS).unwrap();
        let record = r#"{"name":"A","domain":"Example.com."}"#;
        assert_record(&content, "www.example.com", Some(record));
    }

    #[test]
    fn a_header_alone_is_an_empty_table() {
        let content = read(Format::Csv, Matching::Exact, "\n\na,b").unwrap();
        assert!(content.is_empty());
        assert_record(&content, "a", None);
        for file in ["", "\u{feff}", "\r\n\n"] {
            let empty = read(Format::Csv, Matching::Exact, file);
            assert_eq!(empty.unwrap_err(), ContentError::NoHeader);
        }
    }

    #[test]
    fn a_broken_line_is_refused() {
        let columns = |expected, found| Fault::Columns { expected, found };
        for (file, line, fault) in [
            ("a,b\n1,2\n3\n", 3, columns(2, 1)),
            ("a,b\n1,2,3", 2, columns(2, 3)),
            ("a\n1,\n", 2, columns(1, 2)),
            ("a,b\n\"1\n2\",3\n4", 4, columns(2, 1)),
            ("a\n1\n\"2\n3\n", 3, Fault::UnclosedQuote),
            ("a\n\"", 2, Fault::UnclosedQuote),
            ("a\n1\"2\n", 2, Fault::StrayQuote),
            ("a\n\"1\"2\n", 2, Fault::StrayQuote),
            ("a\n \"1\"\n", 2, Fault::StrayQuote),
            ("a\n1\n2\0\n", 3, Fault::ControlCharacter),
            ("a\n\"2\n\0\"\n", 3, Fault::ControlCharacter),
            ("a\r1\r2\r", 1, Fault::ControlCharacter),
            ("\na,,b\n", 2, Fault::UnnamedColumn { column: 2 }),
            ("a,b,a\n", 1, Fault::RepeatedColumn { column: 3 }),
            ("a,b\n\"\",1\n", 2, Fault::EmptyKey),
        ] {
            let read = read(Format::Csv, Matching::Exact, file);
            assert_eq!(super::fault(read), (line, fault), "{file:?}");
        }
    }

    #[test]
    fn a_key_has_one_record() {
        let same = "k,v\na,1\nb,2\n\"a\",\"1\"\n";
        assert_eq!(read(Format::Csv, Matching::Exact, same).unwrap().len(), 2);
        for (matching, file) in [
            (Matching::Exact, "k,v\na,1\nb,2\na,2\nb,2\n"),
            (Matching::IgnoreCase, "k,v\na,1\nb,2\nA,1\n"),
            (Matching::Domain, "k,v\na.b,1\nc.d,2\nA.b.,1\n"),
            (
                Matching::Network,
                "k,v\n10.0.0.0/8,1\n::/0,2\n10.0.0.1/8,1\n",
            ),
        ] {
            let other = read(Format::Csv, matching, file);
            assert_eq!(fault(other), (4, Fault::RepeatedKey), "{matching:?}");
        }
        let many = "::1,1\n::/0,1\n".repeat(100);
        for (file, line) in [
            (format!("k,v\n{many}::1,2\n"), 202),
            (format!("k,v\n::1,2\n{many}"), 3),
        ] {
            for matching in [Matching::Exact, Matching::Network] {
                let other = read(Format::Csv, matching, &file);
                assert_eq!(fault(other), (line, Fault::RepeatedKey), "{matching:?}");
            }
        }
    }
}

mod json {
    use super::*;

    fn json(file: &str) -> Result<Content, ContentError> {
        read(Format::Json, Matching::Exact, file)
    }

    #[test]
    fn an_array_of_strings_is_a_list() {
        let content = json("\u{feff}[\"a\", \"\\u00fc\\n\", \"\\u0000\", \"a\"]\r\n").unwrap();
        assert_in(&content, &["a", "ü\n", "\0"]);
        assert_not_in(&content, &["", "\\u00fc"]);
        assert_eq!(content.len(), 3);
        assert_eq!(content.lookup("a"), Err(NoRecords));
        assert!(json("[]").unwrap().is_empty());
        assert_eq!(json("[]").unwrap().lookup("a"), Err(NoRecords));
    }

    #[test]
    fn an_object_is_a_table_by_its_members_names() {
        let file = r#"{ "a" : { "x":  [1, 2.50] } ,"b":null, "\u00fc":"\u00e4" }"#;
        let content = json(file).unwrap();
        assert_record(&content, "a", Some(r#"{ "x":  [1, 2.50] }"#));
        assert_record(&content, "b", Some("null"));
        assert_record(&content, "ü", Some(r#""\u00e4""#));
        assert_record(&content, "x", None);
        assert_record(&json("{}").unwrap(), "a", None);
    }

    #[test]
    fn an_array_of_objects_is_a_table_by_their_key() {
        let file = "[ {\"v\" : 1,\n \"id\":\"a\"}, {\"i\\u0064\":\"\\u0062\"} ]";
        let content = read_by_key(Format::Json, "id", file).unwrap();
        assert_record(&content, "a", Some("{\"v\" : 1,\n \"id\":\"a\"}"));
        assert_record(&content, "b", Some(r#"{"i\u0064":"\u0062"}"#));
        let empty = read_by_key(Format::Json, "id", "[]").unwrap();
        assert_record(&empty, "a", None);
    }

    #[test]
    fn other_json_is_refused() {
        for (file, line, fault) in [
            ("\n1", 1, Fault::NeitherArrayNorObject),
            ("\"a\"", 1, Fault::NeitherArrayNorObject),
            ("null", 1, Fault::NeitherArrayNorObject),
            ("[\"a\",\n1]", 2, Fault::EntryNotText),
            ("[\n{\"id\":\"a\"}]", 2, Fault::EntryNotText),
            ("[\"a\",\n\"\"]", 2, Fault::EmptyKey),
            ("{\"\":1}", 1, Fault::EmptyKey),
            ("{\"a\":\n{\"b\":1,\n\"b\":2}}", 3, Fault::RepeatedMember),
            ("", 1, Fault::NotJson { column: 0 }),
            ("[\"a\",\n", 2, Fault::NotJson { column: 0 }),
            ("[\"a\",]", 1, Fault::NotJson { column: 6 }),
            ("[\"a\"]\n x", 2, Fault::NotJson { column: 2 }),
            ("[\"a\",\n \"\\ud800\"]", 2, Fault::NotJson { column: 9 }),
            ("{\"a\":\n 1e999}", 2, Fault::NotJson { column: 6 }),
            ("[\"a\0\"]", 1, Fault::NotJson { column: 3 }),
            ("{\"a\":1}{}", 1, Fault::NotJson { column: 8 }),
        ] {
            assert_eq!(super::fault(json(file)), (line, fault), "{file:?}");
        }
        let key = || "id".to_owned();
        for (file, line, fault) in [
            ("{\"a\":1}", 1, Fault::KeyNotUsed),
            ("[\n\"a\"]", 2, Fault::EntryNotObject { key: key() }),
            ("[\n{\"a\":1}]", 2, Fault::NoKeyMember { key: key() }),
            ("[\n{\"id\":1}]", 2, Fault::KeyNotText { key: key() }),
            ("[{\"id\":\"\"}]", 1, Fault::EmptyKey),
            ("[{\"id\":\"a\",\"id\":\"b\"}]", 1, Fault::RepeatedMember),
            (
                "[\n{\"x\":{\"id\":\"a\"}}]",
                2,
                Fault::NoKeyMember { key: key() },
            ),
        ] {
            let read = read_by_key(Format::Json, "id", file);
            assert_eq!(super::fault(read), (line, fault), "{file:?}");
        }
    }

    #[test]
    fn records_keep_the_promise_of_the_contract() {
        let nested = |depth| format!("{{\"a\":{}{}}}", "[".repeat(depth), "]".repeat(depth));
        assert!(json(&nested(127)).is_ok());
        for file in [nested(128), nested(5_000_000)] {
            let (line, fault) = fault(json(&file));
            assert!(matches!((line, fault), (1, Fault::NotJson { .. })));
        }
        let unclosed = [
            "[".repeat(5_000_000),
            "{\"a\":".repeat(1_000_000),
            format!("[{}", "{\"id\":".repeat(1_000_000)),
        ];
        for file in unclosed {
            assert!(json(&file).is_err());
            assert!(read_by_key(Format::Json, "id", &file).is_err());
        }
    }

    #[test]
    fn a_key_has_one_record() {
        assert_eq!(json(r#"{"a":1,"b":2,"a":1}"#).unwrap().len(), 2);
        let other = json("{\"a\":1,\n\"b\":2,\n\"\\u0061\":1.0}");
        assert_eq!(fault(other), (3, Fault::RepeatedKey));
    }
}

mod limits {
    use super::*;

    #[test]
    fn bytes_are_read_up_to_the_limit() {
        let shape = shape(Format::Text, Matching::Exact, None);
        let read = |bytes: &[u8]| {
            let limits = ReadLimits { bytes: 4, ..LIMITS };
            Content::read(bytes.to_vec(), &shape, limits)
        };
        assert!(read(b"abcd").is_ok());
        let error = read(b"abcd\n").unwrap_err();
        assert_eq!(error, ContentError::TooLarge { limit: 4 });
    }

    #[test]
    fn entries_are_kept_up_to_the_limit() {
        let limits = ReadLimits {
            entries: 2,
            ..LIMITS
        };
        for (format, two, three) in [
            (Format::Text, "::1\n#\n\n::2\n", "::1\n::2\n::1\n"),
            (Format::Csv, "k\n::1\n\n::2\n", "k\n::1\n::2\n::1\n"),
            (Format::Json, r#"["::1","::2"]"#, r#"["::1","::2","::1"]"#),
            (
                Format::Json,
                r#"{"::1":1,"::2":2}"#,
                r#"{"::1":1,"::2":2,"::1":1}"#,
            ),
        ] {
            for matching in [Matching::Exact, Matching::IgnoreCase, Matching::Network] {
                let shape = shape(format, matching, None);
                let read = |file: &str| Content::read(file.into(), &shape, limits);
                assert_eq!(read(two).unwrap().len(), 2);
                assert_eq!(read(three).unwrap_err(), ContentError::TooMany { limit: 2 });
            }
        }
    }

    #[test]
    fn the_memory_of_a_list_is_that_of_its_text_and_little_more() {
        let lines: String = (0..10_000)
            .map(|n| format!("host-{n:05}.example\n"))
            .collect();
        let content = list(Matching::Domain, &lines);
        assert_eq!(content.len(), 10_000);
        assert!(content.memory() < lines.len() + 10_000 * 7);
        let lines: String = (0..10_000)
            .map(|n| format!("10.{}.{}.1\n", n / 250, n % 250))
            .collect();
        let content = list(Matching::Network, &lines);
        assert!(content.memory() < 10_000 * 9);
    }
}

#[test]
fn the_revision_is_that_of_the_bytes() {
    assert_eq!(list(Matching::Exact, "").revision(), "e3b0c44298fc1c14");
    let (one, other) = (list(Matching::Exact, "a"), list(Matching::Exact, "a\n"));
    assert_eq!(one.revision(), "ca978112ca1bbdca");
    assert_ne!(one.revision(), other.revision());
}

#[test]
fn the_extension_says_the_format() {
    let of = |path: &str| Format::of(path.as_ref());
    assert_eq!(of("/etc/domains.txt"), Some(Format::Text));
    assert_eq!(of("people.CSV"), Some(Format::Csv));
    assert_eq!(of("a.b.json"), Some(Format::Json));
    assert_eq!(of("txt"), None);
    assert_eq!(of("a.xlsx"), None);
}

#[test]
fn matchings_have_names_in_configuration() {
    let matching = |name: &str| serde_json::from_str::<Matching>(&format!("\"{name}\"")).ok();
    assert_eq!(matching("exact"), Some(Matching::Exact));
    assert_eq!(matching("ignore-case"), Some(Matching::IgnoreCase));
    assert_eq!(matching("domain"), Some(Matching::Domain));
    assert_eq!(matching("network"), Some(Matching::Network));
    assert_eq!(matching("regex"), None);
}

#[test]
fn no_message_says_what_a_file_contains() {
    let secret = "jane.doe@secret.example";
    let files = [
        (Format::Text, format!("{secret}\0")),
        (Format::Text, format!("*{secret}")),
        (Format::Csv, format!("{secret},{secret}\n")),
        (Format::Csv, format!("a,b\n{secret}")),
        (Format::Csv, format!("a\n{secret}\"")),
        (Format::Csv, format!("a,b\n{secret},1\n{secret},2")),
        (Format::Json, format!("\"{secret}\"")),
        (Format::Json, format!("[\"{secret}\", {secret}]")),
        (Format::Json, format!("[{{\"id\":\"{secret}\"}}]")),
        (Format::Json, format!("{{\"{secret}\":1,\"{secret}\":2}}")),
        (
            Format::Json,
            format!("{{\"a\":{{\"{secret}\":1,\"{secret}\":2}}}}"),
        ),
    ];
    for (format, file) in files {
        for matching in [Matching::Exact, Matching::Domain, Matching::Network] {
            for key in [None, Some("id")] {
                let read =
                    Content::read(file.clone().into(), &shape(format, matching, key), LIMITS);
                let said = match read {
                    Ok(content) => format!("{content:?}"),
                    Err(error) => format!("{error} {error:?}"),
                };
                assert!(!said.contains("jane") && !said.contains("secret"), "{said}");
            }
        }
    }
}

/// Whatever the bytes are, reading them ends, without a panic; and what is kept can be
/// given out.
#[test]
fn any_bytes_are_read_or_refused() {
    let words = [
        "\"",
        ",",
        "\n",
        "\r\n",
        "\r",
        "#",
        " ",
        "{",
        "}",
        "[",
        "]",
        ":",
        "\\",
        "\\u0061",
        "id",
        "a.b",
        "10.0.0.0/8",
        "::1",
        "é",
        "\u{feff}",
        "\0",
        "1e5",
        "null",
        ".",
        "/",
    ];
    let shapes = [Format::Text, Format::Csv, Format::Json]
        .into_iter()
        .flat_map(|format| {
            let matchings = [
                Matching::Exact,
                Matching::IgnoreCase,
                Matching::Domain,
                Matching::Network,
            ];
            matchings.map(|matching| [None, Some("id")].map(|key| shape(format, matching, key)))
        })
        .flatten();
    let shapes: Vec<Shape> = shapes.collect();
    for seed in 0..4000_u64 {
        let random = |n: u64| xxhash_rust::xxh3::xxh3_64_with_seed(&n.to_le_bytes(), seed) as usize;
        let length = (seed % 24) as usize;
        let file: String = (0..length as u64)
            .map(|n| words[random(n) % words.len()])
            .collect();
        for shape in &shapes {
            let Ok(content) = Content::read(file.clone().into(), shape, LIMITS) else {
                continue;
            };
            for value in words {
                if let Ok(Some(record)) = content.lookup(value) {
                    assert!(content.contains(value));
                    assert!(serde_json::from_str::<serde_json::Value>(&record).is_ok());
                }
            }
        }
    }
}
