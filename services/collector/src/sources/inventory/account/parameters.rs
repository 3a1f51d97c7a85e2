//! Parameters of SSM's Parameter Store, by name. Start at [`Account::parameters`].
//!
//! The call: <https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameters.html>

use std::{
    collections::BTreeMap,
    sync::{Arc, LazyLock},
    time::Duration,
};

use jmespath::Variable;

use super::{
    Account,
    calls::Service,
    client::{CallError, Client},
    context::{object, string},
    expression::elements,
};

static SSM: LazyLock<Service> = LazyLock::new(|| {
    toml::from_str(include_str!("parameters.toml")).unwrap_or_else(|e| panic!("parameters.toml: {e}"))
});

/// Names that one call may ask for.
const NAMES: usize = 10;
/// How SSM types what it has encrypted.
const SECRET: &str = "SecureString";

/// What SSM says of a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stored {
    /// Its value.
    Text(String),
    /// It is encrypted. The value that comes with it is not kept.
    Secret,
    /// There is none.
    Absent,
    /// It cannot be told.
    Failed(CallError),
}

type Answers = BTreeMap<String, Stored>;

impl Account {
    /// These parameters, of the region that this runs in, each with its answer. Nothing is decrypted.
    pub async fn parameters(&self, names: &[&str], within: Duration) -> Answers {
        let client = self.client(Some(within));
        let mut answers = Answers::new();
        for batch in names.chunks(NAMES) {
            match self.batch(&client, batch).await {
                Ok(found) => answers.extend(found),
                // A name that may not be read refuses its whole call: alone it refuses no other.
                Err(error @ CallError::Refused(_)) if !error.may_pass() && batch.len() > 1 => {
                    for name in batch {
                        answers.extend(failed(self.batch(&client, &[name]).await, &[name]));
                    }
                }
                Err(error) => answers.extend(failed(Err(error), batch)),
            }
        }
        answers
    }

    async fn batch(&self, client: &Client, names: &[&str]) -> Result<Answers, CallError> {
        let list = names.iter().map(|name| string(name)).collect();
        let context = object([("names", Arc::new(Variable::Array(list)))]);
        let call = SSM.other("GetParameters");
        let pages = client.pages(&SSM, call, &self.home, &context).await?;
        // What the answer does not speak of is not known, whatever it says of others.
        let mut answers: Answers = failed(Err(CallError::Unreadable), names);
        for page in &pages {
            for name in elements(&page.get_field("InvalidParameters")) {
                if let Some(answer) = name.as_string().and_then(|name| answers.get_mut(name)) {
                    *answer = Stored::Absent;
                }
            }
            for found in elements(&page.get_field("Parameters")) {
                let field = |name: &str| found.get_field(name).as_string().cloned();
                let stored = match (field("Type"), field("Value")) {
                    (Some(kind), _) if kind == SECRET => Stored::Secret,
                    (Some(_), Some(text)) => Stored::Text(text),
                    _ => continue,
                };
                if let Some(answer) = field("Name").and_then(|name| answers.get_mut(&name)) {
                    *answer = stored;
                }
            }
        }
        Ok(answers)
    }
}

/// An answer, or for each name the reason why there is none.
fn failed(answer: Result<Answers, CallError>, names: &[&str]) -> Answers {
    answer.unwrap_or_else(|error| {
        let failed = |name: &&str| ((*name).to_owned(), Stored::Failed(error.clone()));
        names.iter().map(failed).collect()
    })
}
