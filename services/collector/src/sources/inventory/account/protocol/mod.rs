//! Requests and answers of the protocols that AWS speaks. Start at [`request`] and [`answer`].
//!
//! Whatever the protocol, an answer becomes one JSON-like value, without the envelope: for XML what is inside the root
//! element, and inside `…Result` for the query protocols.

use std::collections::BTreeMap;

use bytes::Bytes;
use http::{Method, Request, Response, header::CONTENT_TYPE};
use jmespath::{Rcvar, Variable};
use serde_json::Value;
use shared::cloud::endpoint::encode;

use super::calls::{Call, Protocol, Service};

mod form;
mod xml;

/// The parameters that ask for a page other than the first.
pub type NextPage = BTreeMap<String, String>;

/// An unsigned request for a page of a call.
///
/// # Errors
/// When a template has a place without a value: the call cannot be made.
pub fn request(
    service: &Service,
    call: &Call,
    base: &str,
    context: &Rcvar,
    next: &NextPage,
) -> Result<Request<Bytes>, String> {
    let mut parameters = call.parameters.fill(context)?;
    let mut query = Vec::new();
    for (name, value) in &call.query {
        query.push((name.as_str(), value.text(context, str::to_owned)?));
    }
    let rest = matches!(service.protocol, Protocol::RestJson | Protocol::RestXml);
    // A REST call that is a POST has its parameters in the body, as the other protocols have.
    let in_query =
        rest && !matches!(&call.request, Some(line) if line.text(context, encode)?.starts_with("POST "));
    for (parameter, token) in next {
        match &mut parameters {
            Value::Object(named) if !in_query => _ = named.insert(parameter.clone(), token.as_str().into()),
            _ => query.push((parameter, token.clone())),
        }
    }
    let mut builder = Request::builder();
    let (method, target, body) = match service.protocol {
        Protocol::Json10 | Protocol::Json11 => {
            let version = if service.protocol == Protocol::Json10 {
                "1.0"
            } else {
                "1.1"
            };
            builder = builder
                .header("x-amz-target", format!("{}.{}", service.target, call.operation))
                .header(CONTENT_TYPE, format!("application/x-amz-json-{version}"));
            (Method::POST, "/".to_owned(), parameters.to_string())
        }
        Protocol::Query | Protocol::Ec2 => {
            builder = builder.header(CONTENT_TYPE, "application/x-www-form-urlencoded; charset=utf-8");
            let lists = if service.protocol == Protocol::Ec2 {
                form::Lists::Numbered
            } else {
                form::Lists::Member
            };
            let form = form::encode(&call.operation, &service.version, &parameters, lists);
            (Method::POST, "/".to_owned(), form)
        }
        Protocol::RestJson | Protocol::RestXml => {
            let line = call
                .request
                .as_ref()
                .ok_or("the call has no path")?
                .text(context, encode)?;
            let (method, path) = line.split_once(' ').ok_or("the call has no method")?;
            let body = if in_query {
                String::new()
            } else {
                builder = builder.header(CONTENT_TYPE, "application/json");
                parameters.to_string()
            };
            for (name, value) in &call.headers {
                builder = builder.header(name, value.text(context, str::to_owned)?);
            }
            builder = builder.header(
                http::header::ACCEPT,
                if service.protocol == Protocol::RestJson {
                    "application/json"
                } else {
                    "*/*"
                },
            );
            (
                method.parse().map_err(|_| "the call has no method")?,
                path.to_owned(),
                body,
            )
        }
    };
    let uri = format!("{base}{}", with_query(target, &query));
    builder
        .method(method)
        .uri(uri)
        .body(body.into())
        .map_err(|e| e.to_string())
}

fn with_query(path: String, query: &[(&str, String)]) -> String {
    let (path, flag) = path
        .split_once('?')
        .map_or((path.as_str(), None), |(p, f)| (p, Some(f.to_owned())));
    let pairs = query
        .iter()
        .map(|(name, value)| format!("{}={}", encode(name), encode(value)));
    let all: Vec<_> = flag.into_iter().chain(pairs).collect();
    if all.is_empty() {
        path.to_owned()
    } else {
        format!("{path}?{}", all.join("&"))
    }
}

/// What a service says instead of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The service's code, or the HTTP status where it gives none.
    pub code: String,
    /// The HTTP status.
    pub status: u16,
}

/// The value of an answer, or the code of a refusal. What is neither, or an answer to something else, is refused as
/// `UnreadableAnswer`: it would be taken for an empty list.
///
/// # Errors
/// [`Refusal`].
pub fn answer(protocol: Protocol, call: &Call, response: &Response<Bytes>) -> Result<Rcvar, Refusal> {
    let status = response.status().as_u16();
    let unreadable = || Refusal {
        code: "UnreadableAnswer".into(),
        status,
    };
    let text = std::str::from_utf8(response.body())
        .map_err(|_| unreadable())?
        .trim();
    if !response.status().is_success() {
        let code = refusal(protocol, response, text).filter(|code| !code.is_empty());
        return Err(Refusal {
            code: code.unwrap_or_else(|| status.to_string()),
            status,
        });
    }
    let value = match (protocol, &call.root) {
        (Protocol::Json10 | Protocol::Json11 | Protocol::RestJson, _) | (Protocol::RestXml, None) => {
            Variable::from_json(text)
        }
        (Protocol::RestXml, Some(root)) => xml::inside(text, root),
        (Protocol::Ec2, _) => xml::inside(text, &format!("{}Response", call.operation)),
        (Protocol::Query, _) => xml::content(text).and_then(|(_, content)| {
            let result = format!("{}Result", call.operation);
            let found = content.as_object().and_then(|fields| fields.get(&result));
            found
                .map(|value| (**value).clone())
                .ok_or_else(|| format!("has no {result}"))
        }),
    };
    let value = value.map_err(|_| unreadable())?;
    // An empty list of XML is an element without content, which is null.
    let xml = call.root.is_some() || matches!(protocol, Protocol::Query | Protocol::Ec2);
    let has = |name: &String| {
        let field = value.as_object().and_then(|fields| fields.get(name));
        field.is_some_and(|field| xml || !field.is_null())
    };
    if call.always.iter().all(has) {
        Ok(Rcvar::new(value))
    } else {
        Err(unreadable())
    }
}

fn refusal(protocol: Protocol, response: &Response<Bytes>, text: &str) -> Option<String> {
    let json = matches!(protocol, Protocol::Json10 | Protocol::Json11 | Protocol::RestJson);
    if !json {
        let (_, content) = xml::content(text).ok()?;
        let at = |path: &[&str]| {
            let mut value = std::sync::Arc::new(content.clone());
            for name in path {
                value = value.get_field(name);
            }
            value.as_string().cloned()
        };
        return at(&["Error", "Code"])
            .or_else(|| at(&["Errors", "Error", "Code"]))
            .or_else(|| at(&["Code"]));
    }
    let header = response
        .headers()
        .get("x-amzn-errortype")
        .and_then(|value| value.to_str().ok())
        .map(str::to_owned);
    let body = || {
        let body: Value = serde_json::from_str(text).ok()?;
        let code = body.get("__type").or_else(|| body.get("code"))?;
        Some(code.as_str()?.to_owned())
    };
    // `prefix#Code` in bodies, `Code:uri` in headers.
    let code = header.or_else(body)?;
    let code = code.rsplit('#').next().unwrap_or_default();
    Some(code.split(':').next().unwrap_or_default().to_owned())
}

#[cfg(test)]
mod tests;
