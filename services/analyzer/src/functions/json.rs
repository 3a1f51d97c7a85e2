//! `json_get`, `json_list`, `json_keys`: nested values, which the snapshot keeps as JSON text. The text is sliced, not
//! parsed into numbers, so `json_get` gives digits exactly as stored.

/// The text is not JSON.
#[derive(Debug, PartialEq, Eq)]
pub struct NotJson;

/// The value below a path of keys (or positions in arrays), as text; `None` if there is none, or it is null.
pub fn get(text: &str, path: &[&str]) -> Result<Option<String>, NotJson> {
    let mut value = whole(text)?;
    for key in path {
        let next = match value.as_bytes().first() {
            Some(b'{') => members(value)?
                .into_iter()
                .rev()
                .find(|(k, _)| k == key)
                .map(|(_, v)| v),
            Some(b'[') => key
                .parse::<usize>()
                .ok()
                .and_then(|at| elements(value).ok()?.get(at).copied()),
            _ => None,
        };
        match next {
            Some(found) => value = found,
            None => return Ok(None),
        }
    }
    plain(value)
}

/// The elements of an array, or the values of an object; of anything else none.
pub fn list(text: &str) -> Result<Vec<Option<String>>, NotJson> {
    let value = whole(text)?;
    match value.as_bytes().first() {
        Some(b'{') => members(value)?.into_iter().map(|(_, v)| plain(v)).collect(),
        Some(b'[') => elements(value)?.into_iter().map(plain).collect(),
        _ => Ok(Vec::new()),
    }
}

/// The keys of an object, in its order; of anything else none.
pub fn keys(text: &str) -> Result<Vec<String>, NotJson> {
    let value = whole(text)?;
    match value.as_bytes().first() {
        Some(b'{') => Ok(members(value)?.into_iter().map(|(k, _)| k).collect()),
        _ => Ok(Vec::new()),
    }
}

/// The value as SQL sees it: strings without quotes, null as NULL, the rest as it stands.
fn plain(value: &str) -> Result<Option<String>, NotJson> {
    match value.as_bytes().first() {
        Some(b'"') => unquote(value).map(Some),
        Some(b'n') => Ok(None),
        _ => Ok(Some(value.to_owned())),
    }
}

fn unquote(value: &str) -> Result<String, NotJson> {
    serde_json::from_str(value).map_err(|_| NotJson)
}

fn whole(text: &str) -> Result<&str, NotJson> {
    let text = text.trim();
    match skip_value(text, 0, 0)? {
        end if end == text.len() => Ok(text),
        _ => Err(NotJson),
    }
}

fn members(object: &str) -> Result<Vec<(String, &str)>, NotJson> {
    let mut found = Vec::new();
    let mut at = skip_space(object, 1);
    while !object[at..].starts_with('}') {
        let key_end = skip_string(object, at)?;
        let key = unquote(&object[at..key_end])?;
        let start = skip_space(object, expect(object, skip_space(object, key_end), b':')?);
        let end = skip_value(object, start, 0)?;
        found.push((key, &object[start..end]));
        at = next_item(object, end, b'}')?;
    }
    Ok(found)
}

fn elements(array: &str) -> Result<Vec<&str>, NotJson> {
    let mut found = Vec::new();
    let mut at = skip_space(array, 1);
    while !array[at..].starts_with(']') {
        let end = skip_value(array, at, 0)?;
        found.push(&array[at..end]);
        at = next_item(array, end, b']')?;
    }
    Ok(found)
}

/// Past a comma to the next item, or to the closing bracket.
fn next_item(text: &str, at: usize, close: u8) -> Result<usize, NotJson> {
    let at = skip_space(text, at);
    match text.as_bytes().get(at) {
        Some(b',') => {
            let next = skip_space(text, at + 1);
            if text.as_bytes().get(next) == Some(&close) {
                Err(NotJson)
            } else {
                Ok(next)
            }
        }
        Some(byte) if *byte == close => Ok(at),
        _ => Err(NotJson),
    }
}

fn skip_space(text: &str, mut at: usize) -> usize {
    while text.as_bytes().get(at).is_some_and(|b| b" \t\r\n".contains(b)) {
        at += 1;
    }
    at
}

fn expect(text: &str, at: usize, byte: u8) -> Result<usize, NotJson> {
    if text.as_bytes().get(at) == Some(&byte) {
        Ok(at + 1)
    } else {
        Err(NotJson)
    }
}

fn skip_string(text: &str, at: usize) -> Result<usize, NotJson> {
    let mut at = expect(text, at, b'"')?;
    loop {
        match text.as_bytes().get(at) {
            Some(b'"') => return Ok(at + 1),
            Some(b'\\') => at += 2,
            Some(_) => at += 1,
            None => return Err(NotJson),
        }
    }
}

/// Where the value that begins at `at` ends. DynamoDB nests at most 32 deep; 64 keeps the stack safe.
fn skip_value(text: &str, at: usize, depth: usize) -> Result<usize, NotJson> {
    let close = match text.as_bytes().get(at) {
        Some(b'"') => return skip_string(text, at),
        Some(b'{') => b'}',
        Some(b'[') => b']',
        Some(_) => return skip_scalar(text, at),
        None => return Err(NotJson),
    };
    if depth > 64 {
        return Err(NotJson);
    }
    let mut at = skip_space(text, at + 1);
    while text.as_bytes().get(at) != Some(&close) {
        if close == b'}' {
            let key_end = skip_string(text, at)?;
            at = skip_space(text, expect(text, skip_space(text, key_end), b':')?);
        }
        at = next_item(text, skip_value(text, at, depth + 1)?, close)?;
    }
    Ok(at + 1)
}

fn skip_scalar(text: &str, at: usize) -> Result<usize, NotJson> {
    let rest = &text[at..];
    let len = rest
        .find(|c: char| !(c.is_ascii_alphanumeric() || "+-.".contains(c)))
        .unwrap_or(rest.len());
    let token = &rest[..len];
    let number = token.starts_with(|c: char| c == '-' || c.is_ascii_digit()) && token.parse::<f64>().is_ok();
    if number || ["true", "false", "null"].contains(&token) {
        Ok(at + len)
    } else {
        Err(NotJson)
    }
}

#[cfg(test)]
mod tests;
