//! Writing what came of a case into its file, as what is expected from now on.
//!
//! Everything else in the file stays as it is, comments included.

use toml_edit::{DocumentMut, Item, Table, TableLike, value};

use super::case::Case;
use super::{Tried, Verdict};

/// What a ceiling of fuel leaves above what was burned: a tenth.
const HEADROOM: u64 = 10;

/// The text of a case's file with what came of it. Members of `[expect]` that are there are
/// written anew; if there are none, the decision, the answer and the fuel. `contains` is
/// left alone: whoever wrote it meant those members. `None` if nothing would be different.
///
/// # Errors
///
/// The text is no case, which it was when it was read.
pub fn update(case: &Case, tried: &Tried) -> Result<Option<String>, toml_edit::TomlError> {
    let mut document: DocumentMut = case.text.parse()?;
    let expect = document
        .entry("expect")
        .or_insert_with(|| Item::Table(Table::new()));
    let Some(expect) = expect.as_table_like_mut() else {
        return Ok(None);
    };
    let is_new = case.expect.is_empty();
    let failed = matches!(tried.said, Verdict::Failed { .. });
    expect.remove("refused");
    if is_new || expect.contains_key("decision") {
        put(expect, "decision", value(tried.said.word()));
    }
    match &tried.said {
        Verdict::Failed { cause, .. } => {
            put(expect, "failure", value(cause.word()));
        }
        _ => drop(expect.remove("failure")),
    }
    if expect.contains_key("status") {
        put(expect, "status", value(i64::from(tried.answer.status)));
    }
    let has_answer = expect.contains_key("answer");
    let has_body = !tried.answer.body.is_empty();
    if has_answer || (is_new && has_body && !failed) {
        put(expect, "answer", answer(&tried.answer.body));
    }
    if expect.contains_key("reason") {
        match &tried.reason {
            Some(reason) => put(expect, "reason", value(reason)),
            None => drop(expect.remove("reason")),
        }
    }
    if expect.contains_key("key_value") {
        let entries = tried.bucket.iter().flatten();
        let entries = entries.map(|(key, value)| (key.as_str(), value.as_str()));
        let table: toml_edit::InlineTable = entries.collect();
        put(expect, "key_value", value(table));
    }
    if let Some(fuel) = tried.fuel
        && (is_new || case.expect.fuel.is_some_and(|most| fuel > most))
    {
        let most = fuel.saturating_add(fuel / HEADROOM);
        put(
            expect,
            "fuel",
            value(i64::try_from(most).unwrap_or(i64::MAX)),
        );
    }
    let updated = document.to_string();
    Ok(Some(updated).filter(|updated| *updated != case.text))
}

/// Gives a member a value, and leaves what stands around the one that it had.
fn put(table: &mut dyn TableLike, name: &str, mut item: Item) {
    let old = table.get(name).and_then(Item::as_value);
    if let (Some(old), Some(new)) = (old, item.as_value_mut()) {
        *new.decor_mut() = old.decor().clone();
    }
    table.insert(name, item);
}

/// An answer's body as TOML: JSON over several lines, in a literal string if it can be.
fn answer(body: &[u8]) -> Item {
    let json: Option<serde_json::Value> = serde_json::from_slice(body).ok();
    let json = json.map(|json| format!("{json:#}")).unwrap_or_default();
    let literal = format!("answer = '''\n{json}\n'''\n").parse::<DocumentMut>();
    match literal {
        Ok(mut document) if json.contains('\n') && !json.contains("'''") => {
            document.remove("answer").unwrap_or_default()
        }
        _ => value(json),
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::time::Duration;

    use super::update;
    use crate::okta::Answer;
    use crate::policy::Cause;
    use crate::sandbox::Lane;
    use crate::trial::{Case, Tried, Verdict};

    fn tried(said: Verdict, body: &'static str) -> Tried {
        Tried {
            said,
            reason: Some("a rule".to_owned()),
            answer: Answer {
                status: if body.is_empty() { 204 } else { 200 },
                body: body.into(),
            },
            fuel: Some(1_000),
            memory: None,
            time: Duration::ZERO,
            lane: Lane::Front,
            lines: Vec::new(),
            bucket: None,
            unanswered: Vec::new(),
        }
    }

    fn updated(text: &str, tried: &Tried) -> Option<String> {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("x.toml");
        std::fs::write(&path, text).expect("a file");
        let case = Case::read(&path).expect("a case");
        let updated = update(&case, tried).expect("a case");
        if let Some(updated) = &updated {
            std::fs::write(&path, updated).expect("a file");
            let case = Case::read(Path::new(&path)).expect("still a case");
            assert_eq!(case.expect.differences(Ok(tried)), []);
        }
        updated
    }

    #[test]
    fn a_case_that_expects_nothing_gets_decision_answer_and_fuel() {
        let text = "# who\n[call.set]\n\"/data/x\" = 1   # what\n";
        let updated = updated(text, &tried(Verdict::Acted, r#"{"commands":[]}"#));
        let expected = format!(
            "{text}\n[expect]\ndecision = \"acted\"\nanswer = '''\n{{\n  \"commands\": []\n}}\n'''\nfuel = 1100\n"
        );
        assert_eq!(updated, Some(expected));
    }

    #[test]
    fn what_is_expected_is_written_anew_and_nothing_else() {
        let text = "[expect]\ndecision = 'denied' # not any more\nreason = 'old'\nfuel = 2000\n";
        let same = "[expect]\ndecision = \"no-opinion\" # not any more\nreason = \"a rule\"\nfuel = 2000\n";
        let tried = tried(Verdict::NoOpinion, "");
        assert_eq!(updated(text, &tried).as_deref(), Some(same));
        assert_eq!(updated(same, &tried), None);
    }

    #[test]
    fn a_failure_is_expected_by_its_cause() {
        let failed = Verdict::Failed {
            cause: Cause::Trapped,
            message: "trapped".to_owned(),
            detail: None,
        };
        let updated = updated(
            "[expect]\ndecision = 'denied'\nfuel = 10\n",
            &tried(failed, "{}"),
        );
        let expected = "[expect]\ndecision = \"failed\"\nfuel = 1100\nfailure = \"trapped\"\n";
        assert_eq!(updated.as_deref(), Some(expected));
    }
}
