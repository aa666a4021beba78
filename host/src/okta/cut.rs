//! A call without the attributes that a policy may not see.
//!
//! Cut are whole members, each with the comma that belongs to it; every other byte stays
//! as Okta sent it: white space, order, the spelling of numbers and texts. An object that
//! loses all its members is still there. Names count as they read, however they are
//! spelt.
//!
//! Which members of a call are attributes is a table of [`Places`] at each hook type. What
//! stands where the table has an object and is neither one nor `null` is cut whole: no name
//! says which attributes are in it. What the table does not mention stays.

use std::borrow::Cow;

use super::authority::Attributes;
use crate::json::Name;

/// Members of an object that are attributes or have attributes in them, by their names.
pub(super) type Places = &'static [(&'static str, Place)];

/// A member that is an attribute or has attributes in it.
pub(super) enum Place {
    /// An attribute, under this name.
    Attribute(&'static str),
    /// An object: each of its members is an attribute.
    Attributes,
    /// An object with these members.
    Within(Places),
}

/// `data.context` where it says who is signed in: whose profile it is, and the login of
/// the session once more. Ids are no attributes.
///
/// Source: Okta, *Token inline hook*, *SAML assertion inline hook* and *Registration inline
/// hook* references, `data.context`.
pub(super) const PERSON: Place = Place::Within(&[
    (
        "session",
        Place::Within(&[("login", Place::Attribute("login"))]),
    ),
    ("user", Place::Within(&[("profile", Place::Attributes)])),
]);

/// Cuts a text that keeps the promise of `json`. At `object` begins the one that `places`
/// are members of.
pub(super) fn cut<'a>(
    text: &'a str,
    object: usize,
    places: Places,
    see: &Attributes,
) -> Cow<'a, str> {
    let mut cut = Cut {
        text,
        see,
        at: object,
        kept: String::new(),
        from: 0,
    };
    cut.object(Some(places));
    if cut.from == 0 {
        return Cow::Borrowed(text);
    }
    cut.kept.push_str(&text[cut.from..]);
    Cow::Owned(cut.kept)
}

/// A text on its way to being cut.
struct Cut<'a, 's> {
    text: &'a str,
    see: &'s Attributes,
    /// How far it is read.
    at: usize,
    /// What is kept of everything before `from`.
    kept: String,
    from: usize,
}

/// What becomes of a member.
enum Fate {
    Kept,
    Cut,
    /// It is kept, and an object in which something may be cut: at these places, or all
    /// its members if there are none.
    Entered(Option<Places>),
}

impl<'a> Cut<'a, '_> {
    /// Reads an object with attributes at these places; without places, each member is
    /// one. Goes no deeper than the table.
    fn object(&mut self, places: Option<Places>) {
        self.at += 1;
        // Behind a member that is kept, one that is cut takes the comma before it along;
        // until there is one, the comma after it.
        let mut is_any_kept = false;
        let mut leading = None;
        let mut end = self.at;
        while let (start, Some(name)) = (self.start(), self.name()) {
            let fate = self.fate(places, &name);
            if matches!(fate, Fate::Cut) {
                self.value();
                if is_any_kept {
                    self.leave_out(end, self.at);
                } else {
                    leading.get_or_insert(start);
                }
            } else {
                is_any_kept = true;
                if let Some(leading) = leading.take() {
                    self.leave_out(leading, start);
                }
                match fate {
                    Fate::Entered(places) => self.object(places),
                    _ => self.value(),
                }
            }
            end = self.at;
        }
        if let Some(leading) = leading {
            self.leave_out(leading, end);
        }
        self.at += 1;
    }

    /// What becomes of the member of this name whose value begins here.
    fn fate(&self, places: Option<Places>, name: &str) -> Fate {
        let Some(places) = places else {
            return self.attribute(name);
        };
        let Some((_, place)) = places.iter().find(|(member, _)| *member == name) else {
            return Fate::Kept;
        };
        match (place, self.byte()) {
            (Place::Attribute(name), _) => self.attribute(name),
            (_, Some(b'n')) => Fate::Kept,
            (Place::Attributes, Some(b'{')) => Fate::Entered(None),
            (Place::Within(places), Some(b'{')) => Fate::Entered(Some(places)),
            (Place::Attributes | Place::Within(_), _) => Fate::Cut,
        }
    }

    fn attribute(&self, name: &str) -> Fate {
        if self.see.contains(name) {
            Fate::Kept
        } else {
            Fate::Cut
        }
    }

    fn leave_out(&mut self, from: usize, to: usize) {
        if self.from == 0 {
            self.kept.reserve(self.text.len());
        }
        self.kept.push_str(&self.text[self.from..from]);
        self.from = to;
    }

    fn byte(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// Goes on while the bytes are like this.
    fn skip(&mut self, is_skipped: impl Fn(u8) -> bool) {
        while self.byte().is_some_and(&is_skipped) {
            self.at += 1;
        }
    }

    /// Goes to the next member, or to the end of the object.
    fn start(&mut self) -> usize {
        self.skip(|byte| is_space(byte) || byte == b',');
        self.at
    }

    /// Reads a member's name and goes to its value; `None` at the end of the object.
    fn name(&mut self) -> Option<Cow<'a, str>> {
        if self.byte() != Some(b'"') {
            return None;
        }
        let start = self.at;
        self.string();
        let text: &'a str = self.text;
        let json = &text[start..self.at];
        self.skip(|byte| is_space(byte) || byte == b':');
        let Name(name) = serde_json::from_str(json).expect("the text was checked");
        Some(name)
    }

    /// Goes past a value, however deep it nests.
    fn value(&mut self) {
        let mut depth = 0_usize;
        while let Some(byte) = self.byte() {
            match byte {
                b'"' => self.string(),
                b'{' | b'[' => {
                    depth += 1;
                    self.at += 1;
                }
                b'}' | b']' => {
                    depth -= 1;
                    self.at += 1;
                }
                _ if depth > 0 => self.at += 1,
                _ => self.skip(|byte| !is_space(byte) && !matches!(byte, b',' | b'}' | b']')),
            }
            if depth == 0 {
                return;
            }
        }
    }

    /// Goes past a text.
    fn string(&mut self) {
        self.at += 1;
        loop {
            self.skip(|byte| byte != b'"' && byte != b'\\');
            match self.byte() {
                Some(b'\\') => self.at += 2,
                _ => break,
            }
        }
        self.at += 1;
    }
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\n' | b'\r' | b'\t')
}

#[cfg(test)]
mod tests;
