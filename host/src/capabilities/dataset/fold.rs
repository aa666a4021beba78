//! Folding: what is done to texts whose case makes no difference.
//!
//! Each character is replaced by its simple lower case, whatever stands beside
//! it, so that equal texts stay equal within longer ones: `Σ` is always `σ`.

/// Texts of up to so many bytes are folded without allocating.
const SHORT: usize = 512;

/// The simple lower case of a character. Only `İ` has a full one of more than one
/// character, and the first of these is the simple one.
pub(super) fn lower(character: char) -> char {
    character.to_lowercase().next().unwrap_or(character)
}

/// Appends the folded text.
pub(super) fn append(text: &str, to: &mut String) {
    if text.is_ascii() {
        let start = to.len();
        to.push_str(text);
        to[start..].make_ascii_lowercase();
    } else {
        to.extend(text.chars().map(lower));
    }
}

/// Does something with the folded text.
pub(super) fn with<T>(text: &str, then: impl FnOnce(&[u8]) -> T) -> T {
    let folded = |byte: u8| byte.is_ascii() && !byte.is_ascii_uppercase();
    if text.bytes().all(folded) {
        return then(text.as_bytes());
    }
    let mut short = [0; SHORT];
    if let Some(length) = fold_into(text, &mut short) {
        return then(&short[..length]);
    }
    let mut long = String::with_capacity(text.len());
    append(text, &mut long);
    then(long.as_bytes())
}

/// Folds into a buffer and says how many bytes it came to, if they have room.
fn fold_into(text: &str, buffer: &mut [u8]) -> Option<usize> {
    if text.is_ascii() {
        let short = buffer.get_mut(..text.len())?;
        short.copy_from_slice(text.as_bytes());
        short.make_ascii_lowercase();
        return Some(text.len());
    }
    let mut length = 0;
    for character in text.chars() {
        let room = &mut buffer[length..];
        let lower = lower(character);
        if room.len() < lower.len_utf8() {
            return None;
        }
        length += lower.encode_utf8(room).len();
    }
    Some(length)
}

#[cfg(test)]
mod tests {
    use super::{SHORT, append, with};

    fn folded(text: &str) -> String {
        let mut appended = "before ".to_owned();
        append(text, &mut appended);
        let appended = &appended["before ".len()..];
        let seen = with(text, |bytes| String::from_utf8(bytes.to_vec())).unwrap();
        assert_eq!(seen, appended, "one rule, however it is applied");
        seen
    }

    #[test]
    fn case_is_folded_in_every_script() {
        assert_eq!(folded(""), "");
        assert_eq!(folded("already lower 1@b"), "already lower 1@b");
        assert_eq!(folded("JANE@Example.COM"), "jane@example.com");
        assert_eq!(folded("ÄÖÜ ΑΒΓ ЖЩ"), "äöü αβγ жщ");
        assert_eq!(folded("ΣΑΣ"), "σασ", "also at the end of a word");
        assert_eq!(folded("ẞ"), "ß");
        assert_eq!(folded("İI"), "ii");
    }

    #[test]
    fn every_character_but_one_has_one_lower_case() {
        let several = (0..=char::MAX as u32)
            .filter_map(char::from_u32)
            .filter(|character| character.to_lowercase().count() != 1);
        assert!(several.eq(['İ']), "`lower` takes the first");
    }

    #[test]
    fn texts_that_do_not_fit_the_buffer_are_folded_alike() {
        // `Ⱥ` has two bytes and `ⱥ` three.
        for (upper, lower) in [("A", "a"), ("Ä", "ä"), ("Ⱥ", "ⱥ"), ("\u{212a}", "k")] {
            for length in [
                SHORT / 3,
                SHORT / 3 + 1,
                SHORT / 2,
                SHORT - 1,
                SHORT,
                SHORT + 1,
            ] {
                assert_eq!(folded(&upper.repeat(length)), lower.repeat(length));
            }
        }
    }
}
