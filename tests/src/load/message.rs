//! A message of HTTP as it comes in: where it ends.

/// The length of the first message in these bytes, once all of it is there. It has a
/// content length, or no content.
///
/// # Panics
///
/// If its content length is no number.
#[must_use]
pub fn length(bytes: &[u8]) -> Option<usize> {
    let head = bytes.windows(4).position(|end| end == b"\r\n\r\n")? + 4;
    let whole = head + content_length(&bytes[..head]);
    (bytes.len() >= whole).then_some(whole)
}

fn content_length(head: &[u8]) -> usize {
    const NAME: &[u8] = b"content-length:";
    let value = head.split(|byte| *byte == b'\n').find_map(|line| {
        let (name, value) = line.split_at_checked(NAME.len())?;
        name.eq_ignore_ascii_case(NAME).then_some(value)
    });
    let Some(value) = value else { return 0 };
    let value = std::str::from_utf8(value).expect("text");
    value.trim().parse().expect("a length")
}

#[cfg(test)]
mod tests {
    use super::length;

    #[test]
    fn a_message_ends_where_its_head_says() {
        let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";
        assert_eq!(length(answer), Some(answer.len()));
        assert_eq!(length(&answer[..answer.len() - 1]), None);
        assert_eq!(length(b"HTTP/1.1 204 No Content\r\n\r\n"), Some(27));
        assert_eq!(length(b"HTTP/1.1 204 No Content\r\n"), None);
    }
}
