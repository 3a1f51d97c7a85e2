//! From bytes to text. A file that is not quite UTF-8 is read as far as it is: one letter of an old editor must not cost
//! forty tasks. What is lost of it shows as `�` and is said with its line; no encoding is guessed.

use super::{codes::Code, document::Lint, lint::lint};

/// A file's text.
#[derive(Debug, PartialEq, Eq)]
pub struct Decoded {
    /// All lines end in `\n`; no byte order mark.
    pub text: String,
    /// One a line that could not be read as it stands.
    pub lints: Vec<Lint>,
    /// Whether some of the text is lost.
    pub is_damaged: bool,
}

/// Reads UTF-8, and UTF-16 that says so by its byte order mark.
///
/// # Errors
/// The finding, when this is no text at all.
pub fn decode(bytes: &[u8]) -> Result<Decoded, Lint> {
    let decoded = match bytes {
        [0xff, 0xfe, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => utf16(rest, u16::from_be_bytes),
        _ => utf8(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes)),
    };
    if let Some(at) = decoded.text.find('\0') {
        let line = 1 + decoded.text[..at].matches('\n').count();
        let message = "a NUL byte stands here: this is no text, or UTF-16 without a byte order mark";
        return Err(lint(line, Code::FileBinary, message));
    }
    Ok(decoded)
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Decoded {
    let (pairs, odd) = bytes.as_chunks::<2>();
    let units = pairs.iter().map(|pair| unit(*pair));
    let mut is_damaged = !odd.is_empty();
    let text: String = char::decode_utf16(units)
        .map(|c| {
            is_damaged |= c.is_err();
            c.unwrap_or(char::REPLACEMENT_CHARACTER)
        })
        .collect();
    let message = match is_damaged {
        true => "the file is UTF-16, and broken; what could not be read of it shows as �",
        false => "the file is UTF-16; it is read all the same",
    };
    Decoded {
        text: lines_end_in_newline(&text),
        lints: vec![lint(1, Code::FileNotUtf8, message)],
        is_damaged,
    }
}

fn utf8(bytes: &[u8]) -> Decoded {
    let (mut text, mut lints) = (String::with_capacity(bytes.len()), Vec::<Lint>::new());
    let (mut line, mut after_return) = (1, false);
    for chunk in bytes.utf8_chunks() {
        for byte in chunk.valid().bytes() {
            // `\r\n` is one end of a line, `\r` alone is one too.
            line += usize::from(byte == b'\r' || (byte == b'\n' && !after_return));
            after_return = byte == b'\r';
        }
        text.push_str(chunk.valid());
        if let [first, ..] = chunk.invalid() {
            text.push(char::REPLACEMENT_CHARACTER);
            after_return = false;
            if lints.last().is_none_or(|last| last.line != line) {
                let message =
                    format!("the line is not UTF-8 (byte 0x{first:02x}); it is read with � in its place");
                lints.push(lint(line, Code::FileNotUtf8, message));
            }
        }
    }
    Decoded {
        text: lines_end_in_newline(&text),
        is_damaged: !lints.is_empty(),
        lints,
    }
}

/// The text with `\n` at the ends of its lines.
pub fn lines_end_in_newline(text: &str) -> String {
    if !text.contains('\r') {
        return text.to_owned();
    }
    text.replace("\r\n", "\n").replace('\r', "\n")
}

#[cfg(test)]
mod tests;
