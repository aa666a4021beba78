//! The world of a trial: what a policy may ask for, as a case has it.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::str::FromStr as _;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use serde::Deserialize;
use tempfile::TempDir;

use super::case::Json;
use crate::capabilities::dataset::{Content, Dataset, Format, Matching, ReadLimits, Shape};
use crate::capabilities::granted::Granted;
use crate::capabilities::http::{self, Origin, Script, Scripted, ScriptedError, Services};
use crate::capabilities::key_value::{Bucket, Own, Sqlite, Store};
use crate::capabilities::secrets::{Hidden, Secret, SecretSource};
use crate::policy::{self, Grants, PolicyName};

/// How much of a dataset a case may have.
const DATASET: ReadLimits = ReadLimits {
    bytes: 16 * 1024 * 1024,
    entries: 100_000,
};

/// What a case gives a policy, as it is written.
#[derive(Debug, Clone, Default)]
pub struct Given {
    /// What the clock shows (RFC 3339).
    pub clock: Option<String>,
    /// Where random numbers come from.
    pub seed: Option<u64>,
    /// Secrets, by their names.
    pub secrets: BTreeMap<String, String>,
    /// Datasets, by their names.
    pub datasets: BTreeMap<String, GivenDataset>,
    /// What is in the bucket, if there is one.
    pub key_value: Option<BTreeMap<String, String>>,
    /// Answers of services.
    pub http: Vec<GivenAnswer>,
}

/// A dataset, as a case has it: a list, or a table.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GivenDataset {
    /// When a value is in it; if it is not said, when it is equal.
    pub r#match: Option<Matching>,
    /// The member that rows are looked up by.
    pub key: Option<String>,
    /// The entries of a list.
    pub list: Option<Vec<String>>,
    /// The rows of a table.
    pub rows: Option<Vec<Json>>,
    /// It is declared and was never read.
    #[serde(default)]
    pub unread: bool,
}

/// An answer of a service, as a case has it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GivenAnswer {
    /// The method of the requests that it is for; if it is not said, `GET`.
    pub method: Option<String>,
    /// Their URL, with its query.
    pub url: String,
    /// Its status; if it is not said, 200.
    pub status: Option<u16>,
    /// Its headers.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// Its body.
    pub body: Option<String>,
    /// Its body, as JSON.
    pub json: Option<Json>,
    /// What the request ends with instead of an answer, as `wasi:http` calls it.
    pub error: Option<String>,
}

/// A member that makes no sense, and why.
#[derive(Debug)]
pub(super) struct Wrong {
    pub(super) member: String,
    pub(super) reason: String,
}

fn wrong(member: impl Into<String>, reason: impl ToString) -> Wrong {
    Wrong {
        member: member.into(),
        reason: reason.to_string(),
    }
}

/// What a policy may ask for, and what the time is.
#[derive(Debug)]
pub struct World {
    /// What its clock shows.
    pub(super) clock: SystemTime,
    /// Where its random numbers come from.
    pub(super) seed: u64,
    grants: Grants,
    granted: Arc<Granted>,
    script: Option<Arc<Script>>,
    bucket: Option<Own>,
    /// Where the bucket is.
    _folder: Option<TempDir>,
}

impl World {
    /// The world of a case, for a policy that an operator says this about.
    pub(super) async fn new(
        file: &Given,
        policy: &PolicyName,
        config: &policy::Config,
    ) -> Result<Self, Wrong> {
        let clock = file.clock.as_deref().map(|clock| {
            let reason = "must be a time such as `2026-01-01T00:00:00Z`";
            humantime::parse_rfc3339_weak(clock).map_err(|_| wrong("clock", reason))
        });
        let clock = clock.transpose()?.unwrap_or_else(default_clock);
        let mut grants = Grants::default();
        let mut secrets = BTreeMap::new();
        for (name, value) in &file.secrets {
            let member = || format!("secrets.{name}");
            let value = Hidden::new(value.as_bytes()).map_err(|error| wrong(member(), error))?;
            let source = SecretSource::Env(name.clone());
            grants.secrets.insert(name.clone(), source.clone());
            secrets.insert(name.clone(), Arc::new(Secret::new(source, Some(value))));
        }
        let mut datasets = BTreeMap::new();
        for (name, dataset) in &file.datasets {
            grants.datasets.insert(name.clone());
            datasets.insert(name.clone(), Arc::new(dataset.read(name)?));
        }
        let script = (!file.http.is_empty()).then(|| script(&file.http, &mut grants.http));
        let script = script.transpose()?.map(Arc::new);
        let (bucket, folder) = match &file.key_value {
            Some(entries) => {
                grants.key_value = true;
                let (bucket, folder) = fill(policy, config, clock, entries).await?;
                (Some(bucket), Some(folder))
            }
            None => (None, None),
        };
        let http = script.clone().map(|script| http::Granted {
            services: Services::Scripted(script),
            requests: config.http.requests,
        });
        Ok(Self {
            clock,
            seed: file.seed.unwrap_or(DEFAULT_SEED),
            grants,
            granted: Arc::new(Granted {
                secrets: Arc::new(secrets),
                datasets: Arc::new(datasets),
                key_value: bucket.clone(),
                http,
            }),
            script,
            bucket,
            _folder: folder,
        })
    }

    pub(super) fn grants(&self) -> &Grants {
        &self.grants
    }

    pub(super) fn granted(&self) -> &Arc<Granted> {
        &self.granted
    }

    /// What is in the bucket, if there is one.
    pub(super) async fn bucket(&self) -> Option<BTreeMap<String, String>> {
        let Own { store, name, quota } = self.bucket.as_ref()?;
        let (store, bucket) = (store.as_deref()?, Bucket { name, quota });
        let mut entries = BTreeMap::new();
        let mut cursor = None;
        loop {
            let page = store.list(bucket, cursor).await.ok()?;
            for key in page.keys {
                if let Some(value) = store.get(bucket, key.clone()).await.ok()? {
                    entries.insert(key, String::from_utf8_lossy(&value).into_owned());
                }
            }
            cursor = page.cursor;
            if cursor.is_none() {
                return Some(entries);
            }
        }
    }

    pub(super) fn unanswered(&self) -> Vec<String> {
        let script = self.script.as_ref();
        script.map_or_else(Vec::new, |script| script.unanswered())
    }
}

const DEFAULT_SEED: u64 = 1;

/// The first of January 2026.
fn default_clock() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_767_225_600)
}

impl GivenDataset {
    fn read(&self, name: &str) -> Result<Dataset, Wrong> {
        let member = |member: &str| format!("datasets.{name}{member}");
        let rows = match (&self.list, &self.rows) {
            _ if self.unread => None,
            (Some(list), None) => Some(serde_json::json!(list)),
            (None, Some(_)) if self.key.is_none() => {
                let reason = "must name the member that rows are looked up by";
                return Err(wrong(member(".key"), reason));
            }
            (None, Some(rows)) => {
                let rows = rows.iter().map(|Json(row)| row.clone());
                Some(serde_json::Value::Array(rows.collect()))
            }
            _ => {
                let reason = "must have a `list` or `rows`, or be `unread`";
                return Err(wrong(member(""), reason));
            }
        };
        let shape = Shape {
            format: Format::Json,
            matching: self.r#match.unwrap_or(Matching::Exact),
            key: self.key.clone(),
        };
        let Some(rows) = rows else {
            return Ok(Dataset::new(name, PathBuf::new(), shape, DATASET));
        };
        let content = Content::read(rows.to_string().into_bytes(), &shape, DATASET);
        let content = content.map_err(|error| wrong(member(""), error))?;
        Ok(Dataset::of_content(name, content, shape, DATASET))
    }
}

/// The script of a case, and the origins that are in it.
fn script(answers: &[GivenAnswer], origins: &mut Vec<Origin>) -> Result<Script, Wrong> {
    let mut lines = Vec::new();
    for (index, answer) in answers.iter().enumerate() {
        let member = |name: &str| format!("http[{index}].{name}");
        let url: ::http::Uri = answer
            .url
            .parse()
            .map_err(|error| wrong(member("url"), error))?;
        let (Some(scheme), Some(authority)) = (url.scheme_str(), url.authority()) else {
            let reason = "must begin with `https://` or `http://` and a host";
            return Err(wrong(member("url"), reason));
        };
        let origin = Origin::from_str(&format!("{scheme}://{authority}"));
        let origin = origin.map_err(|error| wrong(member("url"), error))?;
        if !origins.contains(&origin) {
            origins.push(origin);
        }
        let method = answer.method.as_deref().unwrap_or("GET");
        let method = ::http::Method::from_str(&method.to_ascii_uppercase());
        lines.push(Scripted {
            method: method.map_err(|error| wrong(member("method"), error))?,
            url,
            answer: answer.answer(member)?,
        });
    }
    Ok(Script::new(lines))
}

impl GivenAnswer {
    /// The bytes of its body.
    #[must_use]
    pub fn bytes(&self) -> Bytes {
        let json = self.json.as_ref().map(|Json(json)| json.to_string());
        json.or_else(|| self.body.clone())
            .unwrap_or_default()
            .into()
    }

    fn answer(
        &self,
        member: impl Fn(&str) -> String,
    ) -> Result<Result<::http::Response<Bytes>, ScriptedError>, Wrong> {
        if let Some(name) = &self.error {
            let error = ScriptedError::named(name).ok_or_else(|| {
                let known: Vec<_> = ScriptedError::names().collect();
                let reason = format!("must be one of `{}`", known.join("`, `"));
                wrong(member("error"), reason)
            })?;
            return Ok(Err(error));
        }
        let mut builder = ::http::Response::builder().status(self.status.unwrap_or(200));
        for (name, value) in &self.headers {
            builder = builder.header(name, value);
        }
        if self.json.is_some() && self.body.is_some() {
            let reason = "is a second body beside `body`";
            return Err(wrong(member("json"), reason));
        }
        let answer = builder.body(self.bytes());
        Ok(Ok(answer.map_err(|error| wrong(member("headers"), error))?))
    }
}

/// A bucket with these entries, and the folder that it is in.
async fn fill(
    policy: &PolicyName,
    config: &policy::Config,
    clock: SystemTime,
    entries: &BTreeMap<String, String>,
) -> Result<(Own, TempDir), Wrong> {
    let failed = |error: &dyn std::fmt::Display| wrong("key_value", error);
    let folder = TempDir::new().map_err(|error| failed(&error))?;
    let store = Sqlite::open(&folder.path().join("bucket"), Arc::new(move || clock));
    let store: Arc<dyn Store> = Arc::new(store.map_err(|error| failed(&error))?);
    let own = Own {
        store: Some(Arc::clone(&store)),
        name: Arc::clone(policy.shared()),
        quota: config.key_value.into(),
    };
    let bucket = Bucket {
        name: &own.name,
        quota: &own.quota,
    };
    for (key, value) in entries {
        let set = store.set(bucket, key.clone(), value.clone().into_bytes());
        let member = || format!("key_value.{key:?}");
        set.await.map_err(|error| wrong(member(), error))?;
    }
    Ok((own, folder))
}
