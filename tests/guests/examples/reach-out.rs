//! Asks for whatever its settings say, one thing after the other, and sets the attribute
//! `answers` to what it was told.

use std::time::Duration;

use hookwarden_sdk::dataset;
use hookwarden_sdk::http::Request;
use hookwarden_sdk::key_value::Bucket;
use hookwarden_sdk::registration::{Call, Decision};
use hookwarden_sdk::secrets;
use hookwarden_sdk::settings::Settings;

#[derive(serde::Deserialize, Default)]
#[serde(default, deny_unknown_fields)]
struct Orders {
    steps: Vec<Step>,
    /// Named as settings name things; nothing is done with them.
    uses: Vec<Named>,
}

#[derive(serde::Deserialize)]
#[serde(untagged)]
enum Named {
    Secret(secrets::Named),
    Dataset(dataset::Named),
}

#[derive(serde::Deserialize)]
#[serde(tag = "ask", rename_all = "kebab-case")]
enum Step {
    Call,
    Secret {
        name: String,
    },
    Contains {
        dataset: String,
        value: String,
    },
    Lookup {
        dataset: String,
        key: String,
    },
    Get {
        key: String,
    },
    Set {
        key: String,
        bytes: usize,
    },
    Increment {
        key: String,
    },
    Claim {
        key: String,
        owner: String,
    },
    /// With a body of this many bytes, following so many redirects.
    Fetch {
        url: String,
        #[serde(default)]
        body: usize,
        #[serde(default)]
        follow: u32,
    },
    /// So many times the same.
    FetchTimes {
        url: String,
        times: u32,
    },
}

impl Settings for Orders {}

fn told<T: std::fmt::Debug, E: std::fmt::Debug>(result: Result<T, E>) -> String {
    match result {
        Ok(value) => format!("{value:?}"),
        Err(error) => format!("{error:?}"),
    }
}

fn fetch(url: &str, body: usize, follow: u32) -> String {
    let request = match body {
        0 => Request::get(url),
        bytes => Request::post(url).body(vec![b'x'; bytes]),
    };
    let request = request.timeout(Duration::from_secs(60)).max_body(1 << 30);
    match request.send() {
        Ok(response) if follow > 0 && (300..400).contains(&response.status()) => {
            let next = response.header("location").unwrap_or_default().to_owned();
            fetch(&next, body, follow - 1)
        }
        Ok(response) => format!("{} {}", response.status(), response.body().len()),
        Err(error) => format!("{error:?}"),
    }
}

impl Step {
    fn take(&self, call: &Call) -> String {
        let bucket = || Bucket::open().map_err(|error| format!("{error:?}"));
        match self {
            Self::Call => call.json().to_owned(),
            Self::Secret { name } => match secrets::get(name) {
                Some(secret) => secret.reveal().to_owned(),
                None => "none".to_owned(),
            },
            Self::Contains { dataset, value } => told(dataset::contains(dataset, value)),
            Self::Lookup { dataset, key } => told(
                dataset::lookup::<serde_json::Value>(dataset, key).map(|record| {
                    record.map_or_else(|| "none".to_owned(), |record| record.to_string())
                }),
            ),
            Self::Get { key } => told(bucket().and_then(|bucket| {
                let value = bucket.get(key).map_err(|error| format!("{error:?}"))?;
                Ok(value.map(|value| String::from_utf8_lossy(&value).into_owned()))
            })),
            Self::Set { key, bytes } => told(bucket().and_then(|bucket| {
                let value = vec![b'v'; *bytes];
                bucket
                    .set(key, &value)
                    .map_err(|error| format!("{error:?}"))
            })),
            Self::Increment { key } => told(bucket().and_then(|bucket| {
                bucket
                    .increment(key, 1)
                    .map_err(|error| format!("{error:?}"))
            })),
            Self::Claim { key, owner } => told(bucket().and_then(|bucket| {
                bucket
                    .claim(key, owner)
                    .map_err(|error| format!("{error:?}"))
            })),
            Self::Fetch { url, body, follow } => fetch(url, *body, *follow),
            Self::FetchTimes { url, times } => {
                let answers: Vec<_> = (0..*times).map(|_| fetch(url, 0, 0)).collect();
                answers.join(", ")
            }
        }
    }
}

fn decide(call: Call, orders: Orders) -> Decision {
    let _ = orders.uses.len();
    let answers: Vec<_> = orders.steps.iter().map(|step| step.take(&call)).collect();
    Decision::set("answers", answers.join(" | "))
}

hookwarden_sdk::export!(registration = decide, settings = Orders);
