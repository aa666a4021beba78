//! `hookwarden sample`: a call of each type that Okta makes, to try policies with or to edit.

use std::io::Write;

use anyhow::bail;

use crate::okta::{HookType, SampleType, sample, sample_of, sample_types};

/// An `eventId` that no call had before.
pub(super) fn fresh_event_id() -> String {
    format!("dev-{:016x}", rand::random::<u64>())
}

/// Prints a call of a hook: of the type of this name, or of its default.
pub(super) fn run(out: &mut dyn Write, hook: &str, type_name: Option<&str>) -> anyhow::Result<()> {
    let hook_type = hook_type(hook)?;
    let event_id = fresh_event_id();
    let call = match type_name {
        None => sample(hook_type, &event_id),
        Some(name) => match sample_of(hook_type, name, &event_id) {
            Some(call) => call,
            None => bail!(
                "`{hook_type}` has no calls of type `{name}`; use {}",
                names(sample_types(hook_type).iter().map(|known| known.name))
            ),
        },
    };
    writeln!(out, "{call:#}")?;
    Ok(())
}

/// Prints the types of a hook's calls, or of all hooks' calls, one a line.
pub(super) fn list(out: &mut dyn Write, hook: Option<&str>) -> anyhow::Result<()> {
    let hooks = match hook {
        Some(hook) => vec![hook_type(hook)?],
        None => HookType::served().collect(),
    };
    for hook_type in hooks {
        for SampleType { name, about, .. } in sample_types(hook_type) {
            writeln!(out, "{:15}  {name:18}  {about}", hook_type.name())?;
        }
    }
    Ok(())
}

fn hook_type(name: &str) -> anyhow::Result<HookType> {
    let hook_type = HookType::from_name(name).filter(|hook| hook.is_served());
    let Some(hook_type) = hook_type else {
        bail!(
            "there is no hook type `{name}`; use {}",
            names(HookType::served().map(HookType::name))
        );
    };
    Ok(hook_type)
}

/// Names to choose from.
fn names<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let names: Vec<_> = names.map(|name| format!("`{name}`")).collect();
    names.join(", ")
}

#[cfg(test)]
mod tests {
    use super::{list, run};
    use crate::okta::{Call, HookType, merge};

    /// What is printed.
    fn printed(print: impl FnOnce(&mut Vec<u8>) -> anyhow::Result<()>) -> Result<String, String> {
        let mut out = Vec::new();
        let printed = print(&mut out).map_err(|error| error.to_string());
        printed.map(|()| String::from_utf8(out).expect("UTF-8"))
    }

    #[test]
    fn what_is_listed_is_what_there_is() {
        let lines = printed(|out| list(out, None)).expect("a list");
        for line in lines.lines() {
            let mut words = line.split_whitespace();
            let (hook, name) = (words.next().expect("a hook"), words.next());
            assert!(words.next().is_some(), "{line}");
            let call = printed(|out| run(out, hook, name)).expect(line);
            let hook_type = HookType::from_name(hook).expect(line);
            let call = Call::parse(hook_type, call.as_bytes()).expect(line);
            assert!(merge(&call).is_ok(), "{line}");
        }
        for hook_type in HookType::served() {
            assert!(lines.contains(&format!("{hook_type} ")), "{hook_type}");
            let own = printed(|out| list(out, Some(hook_type.name()))).expect("a list");
            assert!(lines.contains(&own), "{own}");
        }
    }

    #[test]
    fn each_call_has_an_event_id_that_no_call_had() {
        let call = || {
            let call = printed(|out| run(out, "registration", None)).expect("a call");
            Call::parse(HookType::Registration, call.as_bytes()).expect("a call")
        };
        let (one, two) = (call(), call());
        assert_eq!(one.request_type(), Some("self.service.registration"));
        assert!(one.event_id().is_some());
        assert_ne!(one.event_id(), two.event_id());
    }

    #[test]
    fn an_unknown_name_is_answered_by_those_that_are_known() {
        assert_eq!(
            printed(|out| run(out, "registration", Some("clasic"))),
            Err("`registration` has no calls of type `clasic`; use `self-service`, `progressive`, `classic`".to_owned())
        );
        for hook in ["registrations", "event"] {
            let message = format!(
                "there is no hook type `{hook}`; use `registration`, `token`, `saml`, `user-import`, `password-import`, `telephony`"
            );
            assert_eq!(printed(|out| run(out, hook, None)), Err(message.clone()));
            assert_eq!(printed(|out| list(out, Some(hook))), Err(message));
        }
    }
}
