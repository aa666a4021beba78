//! What is shown, drawn for a terminal. Texts of policies and of the call are escaped.

use std::fmt;

use serde_json::Value;

use super::{Change, Field, Place, Shown};
use crate::telemetry::foreign;

impl Place {
    fn title(self) -> &'static str {
        match self {
            Self::SignUp => "Sign up",
            Self::Profile => "Profile",
            Self::SignIn => "Sign in",
            Self::Application => "Application",
            Self::ErrorPage => "Error page",
            Self::Phone => "Phone",
            Self::SystemLog => "System Log",
            Self::Nowhere => "Nothing is shown",
        }
    }
}

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.place.title())?;
        if let Some(text) = &self.text {
            writeln!(f, "  ! {}", foreign(text))?;
        }
        let labels: Vec<_> = self.fields.iter().map(|field| label(&field.name)).collect();
        let width = labels.iter().map(|label| label.chars().count()).max();
        let width = width.unwrap_or(0);
        for (Field { value, errors, .. }, label) in self.fields.iter().zip(&labels) {
            let value = match value {
                Value::Null => String::new(),
                Value::String(text) => foreign(text).to_string(),
                value => foreign(&value.to_string()).to_string(),
            };
            let line = format!("  {label:width$}  {value}");
            writeln!(f, "{}", line.trim_end())?;
            for error in errors {
                writeln!(f, "    ! {}", foreign(error))?;
            }
        }
        writeln!(f, "{}", foreign(&self.outcome))?;
        for change in &self.changes {
            writeln!(f, "  {change}")?;
        }
        for note in &self.notes {
            writeln!(f, "note: {}", foreign(note))?;
        }
        Ok(())
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            of,
            op,
            name,
            was,
            value,
        } = self;
        write!(f, "{of}: {} {}", foreign(op), foreign(name))?;
        if let Some(value) = value {
            write!(f, " {}", foreign(&value.to_string()))?;
        }
        match was {
            Some(was) => write!(f, ", was {}", foreign(&was.to_string())),
            None => Ok(()),
        }
    }
}

/// An attribute's name as a label: `firstName` is `First name`.
fn label(name: &str) -> String {
    let mut label = String::with_capacity(name.len() + 4);
    let (mut before, mut letters) = (None, name.chars().peekable());
    while let Some(letter) = letters.next() {
        let begins = letter.is_uppercase() && before.is_some_and(char::is_lowercase);
        let is_word = letters.peek().is_some_and(|next| next.is_lowercase());
        if begins {
            label.push(' ');
        }
        match before {
            None => label.extend(letter.to_uppercase()),
            Some(_) if begins && is_word => label.extend(letter.to_lowercase()),
            Some(_) => label.push(letter),
        }
        before = Some(letter);
    }
    foreign(&label).to_string()
}

#[cfg(test)]
mod tests {
    use super::label;

    #[test]
    fn a_label_is_an_attribute_in_words() {
        for (name, expected) in [
            ("email", "Email"),
            ("firstName", "First name"),
            ("employeeID", "Employee ID"),
            ("favorite_color", "Favorite_color"),
            ("a\u{1b}[31m", "A\\u{1b}[31m"),
            ("", ""),
        ] {
            assert_eq!(label(name), expected);
        }
    }
}
