//! XML as a value: an element with elements is an object by their names, those of one name a list; an element with text is
//! that text, an empty one null. Attributes and namespaces say nothing that we read.

use std::{collections::BTreeMap, sync::Arc};

use jmespath::{Rcvar, Variable};
use quick_xml::{Reader, events::Event};

/// No answer that we read nests deeper; a document that does is not one.
const MAX_DEPTH: usize = 64;

#[derive(Default)]
struct Element {
    name: String,
    children: BTreeMap<String, Vec<Rcvar>>,
    text: String,
}

impl Element {
    fn value(self) -> Variable {
        let one_or_all = |mut values: Vec<Rcvar>| match values.len() {
            1 => values.remove(0),
            _ => Arc::new(Variable::Array(values)),
        };
        if !self.children.is_empty() {
            let children = self
                .children
                .into_iter()
                .map(|(name, values)| (name, one_or_all(values)));
            return Variable::Object(children.collect());
        }
        match self.text.trim() {
            "" => Variable::Null,
            text => Variable::String(text.to_owned()),
        }
    }
}

/// The root element's name and what is inside it.
///
/// # Errors
/// When it is no XML, or nests too deep.
pub fn content(text: &str) -> Result<(String, Variable), String> {
    let mut reader = Reader::from_str(text);
    reader.config_mut().expand_empty_elements = true;
    let mut open: Vec<Element> = Vec::new();
    loop {
        match reader.read_event().map_err(|e| e.to_string())? {
            Event::Start(start) => {
                if open.len() == MAX_DEPTH {
                    return Err("nests too deep".to_owned());
                }
                let name = String::from_utf8_lossy(start.local_name().as_ref()).into_owned();
                open.push(Element {
                    name,
                    ..Element::default()
                });
            }
            Event::End(_) => {
                let element = open.pop().ok_or("closes what is not open")?;
                let name = element.name.clone();
                let value = element.value();
                match open.last_mut() {
                    Some(parent) => parent.children.entry(name).or_default().push(Arc::new(value)),
                    None => return Ok((name, value)),
                }
            }
            Event::Text(text) => {
                let text = text.decode().map_err(|e| e.to_string())?;
                push(&mut open, &text);
            }
            Event::CData(data) => {
                let text = data.decode().map_err(|e| e.to_string())?;
                push(&mut open, &text);
            }
            Event::GeneralRef(reference) => {
                let character = reference.resolve_char_ref().map_err(|e| e.to_string())?;
                let name = reference.decode().map_err(|e| e.to_string())?;
                match character {
                    Some(character) => push(&mut open, &character.to_string()),
                    None => {
                        let text = quick_xml::escape::resolve_xml_entity(&name);
                        push(
                            &mut open,
                            text.ok_or_else(|| format!("has an unknown entity {name}"))?,
                        );
                    }
                }
            }
            Event::Eof => return Err("ends before its root does".to_owned()),
            Event::Empty(_) | Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) => {}
        }
    }
}

fn push(open: &mut [Element], text: &str) {
    if let Some(element) = open.last_mut() {
        element.text.push_str(text);
    }
}

/// What is inside a root element of that name.
///
/// # Errors
/// As [`content`], and when the root is another.
pub fn inside(text: &str, root: &str) -> Result<Variable, String> {
    match content(text)? {
        (name, value) if name == root => Ok(value),
        (name, _) => Err(format!("is {name}, not {root}")),
    }
}
