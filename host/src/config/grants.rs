//! Whether what a configuration grants makes sense: datasets, folders and their
//! ceilings, secrets, and what is granted of them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path};
use std::sync::Arc;
use std::time::Duration;

use bytesize::ByteSize;

use super::{ConfigError, DatasetFile, Environment, FolderFile, invalid};
use crate::capabilities::dataset::{Dataset, Format, ReadLimits, Shape};
use crate::capabilities::http;
use crate::capabilities::secrets::{Hidden, SecretSource, trimmed};
use crate::policy::{self, Configs, Folder, OnFailure, PolicyName};

/// A dataset in the data folder.
pub(super) fn dataset(
    key: &str,
    name: &str,
    file: DatasetFile,
    data_folder: &Path,
) -> Result<Dataset, ConfigError> {
    if PolicyName::new(name).is_none() {
        let reason = format!("`{name}` is no dataset's name: 1 to 63 of a-z, 0-9 and `-`");
        return Err(invalid(key, reason));
    }
    let path = &file.file;
    let inside = |part: Component<'_>| matches!(part, Component::Normal(_));
    let is_inside = path.components().all(inside) && path.components().next().is_some();
    let Some(format) = Format::of(path).filter(|_| is_inside) else {
        let reason = format!(
            "`{}` is no file in `data_folder` that ends in `.txt`, `.csv` or `.json`",
            path.display()
        );
        return Err(invalid(&format!("{key}.file"), reason));
    };
    if format == Format::Text && !file.key.is_empty() {
        let reason = "a `.txt` file is a list: it has no columns";
        return Err(invalid(&format!("{key}.key"), reason));
    }
    let (least, most) = (ByteSize::kib(1), ByteSize::gib(2));
    if !(least..=most).contains(&file.max_file) {
        let reason = format!("`{}` is not from 1KiB to 2GiB", file.max_file);
        return Err(invalid(&format!("{key}.max_file"), reason));
    }
    if !(1..=50_000_000).contains(&file.max_entries) {
        let reason = format!("`{}` is not from 1 to 50000000", file.max_entries);
        return Err(invalid(&format!("{key}.max_entries"), reason));
    }
    let shape = Shape {
        format,
        matching: file.r#match,
        key: Some(file.key).filter(|key| !key.is_empty()),
    };
    let limits = ReadLimits {
        bytes: file.max_file.as_u64(),
        entries: file.max_entries,
    };
    Ok(Dataset::new(name, data_folder.join(path), shape, limits))
}

/// A folder that has a name.
pub(super) fn folder(key: &str, name: String, file: FolderFile) -> Result<Folder, ConfigError> {
    if PolicyName::new(&name).is_none() {
        let reason = format!("`{name}` is no folder's name: 1 to 63 of a-z, 0-9 and `-`");
        return Err(invalid(key, reason));
    }
    if file.path.as_os_str().is_empty() {
        return Err(invalid(&format!("{key}.path"), "must say where it is"));
    }
    Ok(Folder {
        name: Some(name),
        path: file.path,
        ceiling: file.ceiling,
    })
}

/// What is of one dataset and one folder each has no place in what holds for all.
pub(super) fn templates(dataset: &DatasetFile, folder: &FolderFile) -> Result<(), ConfigError> {
    if !dataset.file.as_os_str().is_empty() || !dataset.key.is_empty() {
        let reason = "`file` and `key` are of one dataset each, in `[datasets.<name>]`";
        return Err(invalid("dataset", reason));
    }
    if !folder.path.as_os_str().is_empty() {
        let reason = "is of one folder each, in `[folders.<name>]`";
        return Err(invalid("folder.path", reason));
    }
    Ok(())
}

/// What policies are granted must be there.
pub(super) fn of_policies(
    policies: &Configs,
    folders: &[Folder],
    datasets: &BTreeMap<String, Arc<Dataset>>,
) -> Result<(), ConfigError> {
    one("policy", &policies.default, folders, datasets)?;
    if !policies.default.grants.secrets.is_empty() {
        let reason = "a secret is bound for one policy each, in `[policies.<name>.grants.secrets]`";
        return Err(invalid("policy.grants.secrets", reason));
    }
    if !policies.default.sha256.is_empty() {
        let reason = "is of one policy each, in `[policies.<name>]`";
        return Err(invalid("policy.sha256", reason));
    }
    for (name, config) in &policies.named {
        one(&format!("policies.{name}"), config, folders, datasets)?;
    }
    Ok(())
}

fn one(
    key: &str,
    config: &policy::Config,
    folders: &[Folder],
    datasets: &BTreeMap<String, Arc<Dataset>>,
) -> Result<(), ConfigError> {
    let folder = &config.folder;
    let is_named = |known: &Folder| known.name.as_ref() == Some(folder);
    if !folder.is_empty() && !folders.iter().any(is_named) {
        let reason = format!("there is no `folders.{folder}`");
        return Err(invalid(&format!("{key}.folder"), reason));
    }
    let sha256 = &config.sha256;
    let is_digest = sha256.len() == 64 && sha256.bytes().all(|byte| byte.is_ascii_hexdigit());
    if !sha256.is_empty() && !is_digest {
        let reason = format!("`{sha256}` is no SHA-256: 64 hexadecimal digits");
        return Err(invalid(&format!("{key}.sha256"), reason));
    }
    if !config.deny && config.on_failure == OnFailure::Deny {
        let reason =
            "must be \"skip\" or \"as-okta\" beside `deny = false`: it could deny by failing";
        return Err(invalid(&format!("{key}.on_failure"), reason));
    }
    for dataset in &config.grants.datasets {
        if !datasets.contains_key(dataset) {
            let reason = format!("there is no `datasets.{dataset}`");
            return Err(invalid(&format!("{key}.grants.datasets"), reason));
        }
    }
    for name in config.grants.secrets.keys() {
        if name.is_empty() || name.len() > 128 || name.chars().any(char::is_control) {
            let reason = "a secret's name has 1 to 128 bytes, and no control characters";
            return Err(invalid(&format!("{key}.grants.secrets"), reason));
        }
    }
    limits(key, config)
}

fn limits(key: &str, config: &policy::Config) -> Result<(), ConfigError> {
    let (http, quota) = (&config.http, &config.key_value);
    for (limit, number, most) in [
        ("http.requests", u64::from(http.requests), 1_000),
        ("http.concurrent", http.concurrent as u64, 10_000),
        ("key_value.keys", quota.keys, 1_000_000_000),
    ] {
        if !(1..=most).contains(&number) {
            let reason = format!("`{number}` is not from 1 to {most}");
            return Err(invalid(&format!("{key}.{limit}"), reason));
        }
    }
    for (limit, size, least, most) in [
        ("http.max_request", http.max_request, "1KiB", "64MiB"),
        ("http.max_response", http.max_response, "1KiB", "64MiB"),
        ("key_value.max_key", quota.max_key, "16B", "4KiB"),
        ("key_value.max_value", quota.max_value, "1B", "16MiB"),
        ("key_value.bytes", quota.bytes, "1KiB", "1TiB"),
    ] {
        let parse = |text: &str| text.parse::<ByteSize>().expect("a size");
        if !(parse(least)..=parse(most)).contains(&size) {
            let reason = format!("`{size}` is not from {least} to {most}");
            return Err(invalid(&format!("{key}.{limit}"), reason));
        }
    }
    let connect = http.connect_timeout;
    if !(Duration::from_millis(10)..=Duration::from_secs(3)).contains(&connect) {
        let reason = format!("`{connect:?}` is not from 10ms to 3s");
        return Err(invalid(&format!("{key}.http.connect_timeout"), reason));
    }
    let expire = quota.expire;
    if !expire.is_zero() && expire < Duration::from_secs(1) {
        let reason = format!("`{expire:?}` is neither `0s`, for never, nor 1s or more");
        return Err(invalid(&format!("{key}.key_value.expire"), reason));
    }
    Ok(())
}

/// The variables that secrets are bound to and that are there. One that is not keeps its
/// policy from being loaded, and no other.
pub(super) fn variables(
    policies: &Configs,
    environment: Environment<'_>,
) -> BTreeMap<String, Hidden> {
    let configs = policies.named.values();
    let sources = configs.flat_map(|config| config.grants.secrets.values());
    let variables: BTreeSet<_> = sources
        .filter_map(|source| match source {
            SecretSource::Env(name) => Some(name),
            SecretSource::File(_) => None,
        })
        .collect();
    let value = |name: &String| {
        let value = Hidden::new(&trimmed(environment(name)?)).ok()?;
        Some((name.clone(), value))
    };
    variables.into_iter().filter_map(value).collect()
}

/// The certificates that are trusted must be there.
pub(super) fn http(config: http::FileConfig) -> Result<http::FileConfig, ConfigError> {
    for file in &config.trust {
        if let Err(error) = http::certificates(file) {
            return Err(invalid("http.trust", error.to_string()));
        }
    }
    Ok(config)
}
