//! JUnit's XML, which CI systems read.
//!
//! The form is that of Jenkins' schema: a suite for each policy, a test case for each case.

use std::fmt::Write as _;

use super::suite::Ran;

/// The report of suites, each a policy's name and its cases by their names.
#[must_use]
pub fn junit(suites: &[(String, Vec<(String, Ran)>)]) -> String {
    let mut xml = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n");
    for (suite, cases) in suites {
        let failures = cases.iter().filter(|(_, ran)| !ran.passed()).count();
        let _ = writeln!(
            xml,
            "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{failures}\">",
            escaped(suite),
            cases.len(),
        );
        for (name, ran) in cases {
            let time = ran
                .outcome
                .as_ref()
                .map_or(0.0, |tried| tried.time.as_secs_f64());
            let _ = write!(
                xml,
                "    <testcase classname=\"{}\" name=\"{}\" time=\"{time:.6}\"",
                escaped(suite),
                escaped(name),
            );
            if ran.passed() {
                xml.push_str("/>\n");
                continue;
            }
            let differences: Vec<_> = ran.differences.iter().map(ToString::to_string).collect();
            let first = ran.differences.first().map_or("", |first| &first.what);
            let _ = writeln!(
                xml,
                ">\n      <failure message=\"{}\">{}</failure>\n    </testcase>",
                escaped(first),
                escaped(&differences.join("\n")),
            );
        }
        xml.push_str("  </testsuite>\n");
    }
    xml.push_str("</testsuites>\n");
    xml
}

/// Text as XML has it in content and attributes. Characters that XML does not have are left
/// out.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\n' | '\t' => escaped.push(c),
            c if c.is_control() || ('\u{fffe}'..='\u{ffff}').contains(&c) => {}
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::junit;
    use crate::trial::{Difference, Ran};

    #[test]
    fn a_failure_is_reported_with_its_differences() {
        let ran = |differences: Vec<Difference>| Ran {
            outcome: Err("not loaded".to_owned()),
            differences,
        };
        let difference = Difference {
            what: "answer.a".to_owned(),
            expected: Some("\"<&>\u{1b}\"".to_owned()),
            got: None,
        };
        let suites = [(
            "a-policy".to_owned(),
            vec![
                ("passes".to_owned(), ran(Vec::new())),
                ("fails".to_owned(), ran(vec![difference])),
            ],
        )];
        assert_eq!(
            junit(&suites),
            r#"<?xml version="1.0" encoding="UTF-8"?>
<testsuites>
  <testsuite name="a-policy" tests="2" failures="1">
    <testcase classname="a-policy" name="passes" time="0.000000"/>
    <testcase classname="a-policy" name="fails" time="0.000000">
      <failure message="answer.a">answer.a
  expected &quot;&lt;&amp;&gt;&quot;
  got      nothing</failure>
    </testcase>
  </testsuite>
</testsuites>
"#
        );
    }
}
