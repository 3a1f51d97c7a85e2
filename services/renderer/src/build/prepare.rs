//! What is done to an analysis before a document is built from it: businesses get their names, and an audit sees only
//! its own rows of a model.

use shared::facts::{Analysis, Model, Status, Value};

use super::front::role_name;

/// The column of a model that holds an entity's id.
const ENTITY: &str = "entity";

/// Cuts models down to the audited entities (all, for a role's document), then replaces ids by names.
pub fn models(analysis: &mut Analysis, audited: Option<&[String]>) {
    let names: Vec<(String, String)> = analysis
        .entities
        .iter()
        .map(|e| (e.id.clone(), e.title.clone()))
        .collect();
    for model in analysis.models.values_mut() {
        name_owners(model);
        let Some(at) = model.columns.iter().position(|c| c.name == ENTITY) else {
            continue;
        };
        if let Some(audited) = audited {
            cut(model, at, audited);
        }
        for cell in model
            .rows
            .iter_mut()
            .chain(&mut model.total)
            .filter_map(|r| r.get_mut(at))
        {
            let Value::Text(id) = cell else { continue };
            if let Some((_, title)) = names.iter().find(|(known, _)| known == id) {
                id.clone_from(title);
            }
        }
    }
}

fn cut(model: &mut Model, at: usize, audited: &[String]) {
    let before = model.rows.len();
    model
        .rows
        .retain(|r| matches!(r.get(at), Some(Value::Text(id)) if audited.contains(id)));
    if model.rows.len() == before {
        return;
    }
    // The total and the headline are about all rows, and would say something else of these.
    (model.headline, model.status, model.total) = (None, Status::Unknown, None);
    if let [only] = audited
        && let Some(own) = model.by_entity.remove(only)
    {
        (model.headline, model.status, model.total) = (own.headline, own.status, own.total);
    }
    if model.rows.is_empty() {
        model.reason = Some("it has no row for this business".to_owned());
    }
}

/// Roles as readers write them.
fn name_owners(model: &mut Model) {
    let Some(at) = model.columns.iter().position(|c| c.name == "owner") else {
        return;
    };
    for cell in model.rows.iter_mut().filter_map(|r| r.get_mut(at)) {
        if let Value::Text(owner) = cell {
            *owner = role_name(owner);
        }
    }
}
