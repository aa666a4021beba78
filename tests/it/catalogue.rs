//! The policies that ship with the host: each decides its cases as a component, and the
//! same natively.

use std::cell::Cell;
use std::path::Path;

use hookwarden::capabilities::dataset::Matching;
use hookwarden::sandbox::{Outcome, Sandbox};
use hookwarden::trial::{
    Case, Given, GivenAnswer, GivenDataset, Json, Ran, Subject, Verdict, cases, load, run,
};
use hookwarden_sdk::export::Kept;
use hookwarden_sdk::http::{Error, Request, Response};
use hookwarden_sdk::testing::{self, Dataset, Fake, KeyValue};
use tests::compiled_in;
use tests::trials::{plugin, sandbox, subject};

#[tokio::test]
async fn each_policy_decides_its_cases_as_a_component_and_the_same_natively() {
    let folder = tempfile::tempdir().expect("a folder");
    let sandbox = sandbox(folder.path());
    let mut wrong = Vec::new();
    for (name, component, handlers) in compiled_in::ALL {
        let settings = plugin(name).join(format!("{name}.toml"));
        let subject = subject(name, Path::new(component), settings);
        let paths = cases(&plugin(name).join("cases")).unwrap_or_default();
        if paths.is_empty() {
            wrong.push(format!("{name} has no cases"));
        }
        for path in paths {
            let case = Case::read(&path).expect("a case");
            let ran = run(&sandbox, &subject, &case).await;
            let differences = ran.differences.iter();
            wrong.extend(
                differences.map(|difference| format!("{name}, {}: {difference}", case.name)),
            );
            if let Some(difference) = natively(&sandbox, &subject, &case, handlers, &ran).await {
                wrong.push(format!("{name}, {}, natively: {difference}", case.name));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

thread_local! {
    /// The handlers of the policy that is evaluated natively.
    static HANDLERS: Cell<&'static [Kept]> = const { Cell::new(&[]) };
}

/// The rule of [`HANDLERS`] for the hook that a call is of.
fn rule(call: &str, settings: &str) -> Outcome {
    let envelope: serde_json::Value = serde_json::from_str(call).expect("a call");
    let event_type = envelope["eventType"].as_str().expect("a hook's literal");
    let hook = hookwarden::okta::HookType::from_event_type(event_type).expect("a hook");
    let hook = hook.name().replace('-', "_");
    let mut handlers = HANDLERS.get().iter();
    let handler = handlers
        .find(|kept| kept.hook == hook)
        .expect("it serves it");
    compiled_in::outcome((handler.decide)(call.to_owned(), settings))
}

/// What is different if a case is decided by the policy's functions; nothing for one whose
/// policy is not loaded.
async fn natively(
    sandbox: &Sandbox,
    subject: &Subject,
    case: &Case,
    handlers: &'static [Kept],
    ran: &Ran,
) -> Option<String> {
    let as_component = ran.outcome.as_ref().ok()?;
    let trial = load(sandbox, subject, case).await.expect("it was loaded");
    let trial = trial.compiled_in(rule);
    let hooks: Vec<_> = trial.hooks().collect();
    let call = case.call.build(case.folder(), &hooks).expect("a call");
    let world = fake(&case.given);
    HANDLERS.set(handlers);
    let natively = trial.ask(&call).await.expect("a call");
    let said = |verdict: &Verdict| match verdict {
        Verdict::Failed { cause, .. } => cause.word(),
        said => said.word(),
    };
    let all = [
        (said(&as_component.said), said(&natively.said)),
        (text(&as_component.answer.body), text(&natively.answer.body)),
        (
            as_component.reason.as_deref().unwrap_or_default(),
            natively.reason.as_deref().unwrap_or_default(),
        ),
    ];
    let mut all = all.into_iter();
    if let Some((component, natively)) = all.find(|(component, natively)| component != natively) {
        return Some(format!("`{natively}`, and as a component `{component}`"));
    }
    let bucket = as_component.bucket.as_ref()?;
    let keys: Vec<_> = bucket.keys().cloned().collect();
    let natively = world.values.keys();
    (keys != natively).then(|| format!("it keeps {natively:?}, and as a component {keys:?}"))
}

fn text(body: &[u8]) -> &str {
    str::from_utf8(body).expect("UTF-8")
}

/// What a case gives, faked for as long as this is kept.
struct World {
    values: KeyValue,
    _fakes: Vec<Fake>,
}

fn fake(given: &Given) -> World {
    let mut fakes = vec![testing::secrets(given.secrets.clone())];
    for (name, dataset) in &given.datasets {
        fakes.push(testing::dataset(name.clone(), fake_dataset(dataset)));
    }
    let answers = given.http.clone();
    fakes.push(testing::http(move |request| fake_answer(&answers, request)));
    let values = testing::key_value();
    for (key, value) in given.key_value.iter().flatten() {
        values.set(key.clone(), value.clone());
    }
    World {
        values,
        _fakes: fakes,
    }
}

fn fake_dataset(given: &GivenDataset) -> Dataset {
    let dataset = match (&given.list, &given.rows) {
        _ if given.unread => return Dataset::unread(),
        (Some(list), _) => Dataset::list(list.clone()),
        (None, rows) => {
            let key = given.key.as_deref().unwrap_or_default();
            let rows = rows.iter().flatten();
            Dataset::table(rows.map(|Json(row)| {
                let key = row[key].as_str().expect("a key is text");
                (key.to_owned(), row.clone())
            }))
        }
    };
    match given.r#match.unwrap_or(Matching::Exact) {
        Matching::Exact => dataset,
        Matching::IgnoreCase => dataset.ignoring_case(),
        Matching::Domain => dataset.by_domain(),
        Matching::Network => dataset.matching(|network, address| {
            let network = network.parse::<ipnet::IpNet>().map_or_else(
                |_| network.parse::<std::net::IpAddr>().map(ipnet::IpNet::from),
                Ok,
            );
            let address = address.parse::<std::net::IpAddr>();
            match (network, address) {
                (Ok(network), Ok(address)) => network.contains(&address.to_canonical()),
                _ => false,
            }
        }),
    }
}

fn fake_answer(answers: &[GivenAnswer], request: &Request) -> Result<Response, Error> {
    let is_for = |answer: &&GivenAnswer| {
        let method = answer.method.as_deref().unwrap_or("GET");
        answer.url == request.url() && method == format!("{:?}", request.method()).to_uppercase()
    };
    let answer = answers.iter().find(is_for).ok_or(Error::Denied)?;
    let Some(error) = answer.error.as_deref() else {
        let headers = answer.headers.iter();
        let headers = headers.map(|(name, value)| (name.as_str(), value.as_str()));
        let status = answer.status.unwrap_or(200);
        let body = answer.bytes();
        return Ok(testing::response_with(status, headers, body.to_vec()));
    };
    Err(match error {
        "HTTP-request-denied" => Error::Denied,
        "destination-IP-prohibited" => Error::Prohibited,
        "connection-limit-reached" => Error::TooMany,
        error if error.ends_with("timeout") => Error::Timeout,
        error => Error::Failed(error.to_owned()),
    })
}
