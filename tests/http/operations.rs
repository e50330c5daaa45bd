//! What does the service say that it answers? Its own description, read as the other tests want it: so that they cover
//! every route there is, also those that come later.

use crate::world::Client;
use rolestream::serve::access::Scope;
use serde_json::Value;

/// The description, and what it describes.
pub(crate) struct Document {
    pub(crate) json: Value,
    pub(crate) operations: Vec<Operation>,
}

/// A method of a path.
pub(crate) struct Operation {
    /// In capitals.
    pub(crate) method: String,
    /// With its parameters in braces.
    pub(crate) path: String,
    /// What is said of it.
    pub(crate) told: Value,
}

impl Document {
    pub(crate) fn read(client: &Client) -> Document {
        let json = client.get("/openapi.json").ok();
        let paths = json["paths"].as_object().expect("it has paths");
        let operations = paths.iter().flat_map(|(path, item)| {
            let item = item.as_object().expect("a path has methods");
            item.iter().map(|(method, told)| Operation {
                method: method.to_uppercase(),
                path: path.clone(),
                told: told.clone(),
            })
        });
        Document { operations: operations.collect(), json }
    }

    /// Those that may change something.
    pub(crate) fn changing(&self) -> impl Iterator<Item = &Operation> {
        self.operations.iter().filter(|operation| operation.changes())
    }
}

impl Operation {
    /// Whether it may change something; a POST that only reads says so by the scope it needs.
    pub(crate) fn changes(&self) -> bool {
        matches!(self.method.as_str(), "POST" | "PUT" | "PATCH" | "DELETE") && self.scope() != Some(Scope::Read)
    }

    /// The scope that is written beside it.
    pub(crate) fn scope(&self) -> Option<Scope> {
        self.told["security"][0]["token"][0].as_str().map(|scope| scope.parse().expect("a scope"))
    }

    /// Whether its answer goes on for as long as the client listens.
    pub(crate) fn streams(&self) -> bool {
        self.told["responses"]["200"]["content"].get("text/event-stream").is_some()
    }

    /// The path, with something for each parameter.
    pub(crate) fn filled(&self) -> String {
        let parts = self.path.split('/').map(|part| match part.strip_prefix('{') {
            Some(name) if self.wants_number(name.trim_end_matches('}')) => "7",
            Some(_) => "nothing",
            None => part,
        });
        parts.collect::<Vec<_>>().join("/")
    }

    /// The names in braces.
    pub(crate) fn in_path(&self) -> Vec<&str> {
        self.path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}')).collect()
    }

    pub(crate) fn parameters(&self) -> &[Value] {
        self.told["parameters"].as_array().map(Vec::as_slice).unwrap_or_default()
    }

    fn wants_number(&self, name: &str) -> bool {
        let mut named = self.parameters().iter().filter(|parameter| parameter["name"] == name);
        named.any(|parameter| parameter["schema"]["type"] == "integer")
    }

    /// As people call it.
    pub(crate) fn name(&self) -> String {
        format!("{} {}", self.method, self.path)
    }
}
