//! The operations of the document, and the methods that call them.

use std::fmt::Write as _;

use anyhow::{Context as _, Result, bail};
use serde_json::{Map, Value};

use super::schema::{Field, Kind, Shape, Types, camel, snake, text};
use super::types::{self, docs};

/// What is sent.
pub(super) enum Body {
    None,
    Json(Shape),
    Form(Vec<Field>),
}

/// What comes back.
pub(super) enum Answer {
    Nothing,
    Json(Shape),
    Bytes,
    Text,
}

/// One operation.
pub(super) struct Operation {
    pub(super) method: String,
    pub(super) path: String,
    pub(super) id: String,
    pub(super) tag: String,
    pub(super) summary: String,
    pub(super) description: String,
    /// Names in the path, in order.
    pub(super) in_path: Vec<String>,
    pub(super) in_query: Vec<Field>,
    pub(super) body: Body,
    pub(super) answer: Answer,
}

/// Every operation, in the document's order.
pub(super) fn read(document: &Value, types: &mut Types) -> Result<Vec<Operation>> {
    let paths = document.get("paths").and_then(Value::as_object);
    let paths = paths.context("the document has no paths")?;
    let mut operations = Vec::new();
    for (path, item) in paths {
        for (method, operation) in item.as_object().into_iter().flatten() {
            let read = operation_of(document, types, method, path, operation)
                .with_context(|| format!("{method} {path}"))?;
            operations.push(read);
        }
    }
    Ok(operations)
}

fn operation_of(
    document: &Value,
    types: &mut Types,
    method: &str,
    path: &str,
    operation: &Value,
) -> Result<Operation> {
    let id = text(operation, "operationId");
    anyhow::ensure!(!id.is_empty(), "an operation without an id");
    let mut in_path = Vec::new();
    let mut in_query = Vec::new();
    for parameter in operation
        .get("parameters")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
    {
        let parameter = resolved(document, parameter)?;
        let name = text(parameter, "name");
        match text(parameter, "in").as_str() {
            "path" => in_path.push(name),
            "query" => {
                let schema = parameter.get("schema").unwrap_or(&Value::Null);
                let required = parameter.get("required") == Some(&Value::Bool(true));
                in_query.push(Field {
                    shape: types.shape(schema, &format!("{}{}", camel(&id), camel(&name)))?,
                    description: text(parameter, "description"),
                    required,
                    name,
                });
            }
            // Set once for all calls of a client.
            "header" => {}
            other => bail!("a parameter in {other}"),
        }
    }
    let tag = operation.pointer("/tags/0").and_then(Value::as_str);
    Ok(Operation {
        method: method.to_ascii_uppercase(),
        path: path.to_owned(),
        tag: tag.unwrap_or("General").to_owned(),
        summary: text(operation, "summary"),
        description: text(operation, "description"),
        in_path,
        in_query,
        body: body_of(types, operation, &id)?,
        answer: answer_of(types, operation, &id)?,
        id,
    })
}

fn resolved<'a>(document: &'a Value, thing: &'a Value) -> Result<&'a Value> {
    match thing.get("$ref").and_then(Value::as_str) {
        Some(place) => {
            let pointer = place.trim_start_matches('#');
            document.pointer(pointer).context("a reference to nothing")
        }
        None => Ok(thing),
    }
}

fn body_of(types: &mut Types, operation: &Value, id: &str) -> Result<Body> {
    let content = operation.pointer("/requestBody/content");
    let Some(content) = content.and_then(Value::as_object) else {
        return Ok(Body::None);
    };
    if let Some(json) = content.get("application/json") {
        let schema = json.get("schema").unwrap_or(&Value::Null);
        let shape = types.shape(schema, &format!("{}Body", camel(id)))?;
        return Ok(Body::Json(shape));
    }
    let form = content.get("multipart/form-data");
    let schema = form
        .and_then(|form| form.get("schema"))
        .context("a body that is neither JSON nor a form")?;
    let properties = schema.get("properties").and_then(Value::as_object);
    let properties = properties.context("a form without fields")?;
    let name = format!("{}Form", camel(id));
    Ok(Body::Form(types.fields(&name, schema, properties)?))
}

fn answer_of(types: &mut Types, operation: &Value, id: &str) -> Result<Answer> {
    let responses = operation.get("responses").and_then(Value::as_object);
    let responses = responses.context("an operation without answers")?;
    let mut successes = responses
        .iter()
        .filter(|(code, _)| code.starts_with('2'))
        .map(|(_, response)| response.get("content").and_then(Value::as_object))
        .collect::<Vec<_>>();
    // Where a success may have no content (204), the others say what there can be.
    successes.sort_by_key(Option::is_none);
    let optional = successes.iter().any(Option::is_none);
    let Some(Some(content)) = successes.first() else {
        return Ok(Answer::Nothing);
    };
    let answer = content_of(types, content, id)?;
    Ok(match answer {
        Answer::Json(shape) if optional => Answer::Json(shape.nullable()),
        other => other,
    })
}

fn content_of(types: &mut Types, content: &Map<String, Value>, id: &str) -> Result<Answer> {
    if let Some(json) = content.get("application/json") {
        let schema = json.get("schema").unwrap_or(&Value::Null);
        let shape = types.shape(schema, &format!("{}Answer", camel(id)))?;
        return Ok(Answer::Json(shape));
    }
    let is_text = content.keys().all(|kind| kind.starts_with("text/"));
    Ok(if is_text { Answer::Text } else { Answer::Bytes })
}

impl Operation {
    /// The name of its query's type.
    pub(super) fn query_type(&self) -> String {
        format!("{}Query", camel(&self.id))
    }

    /// The name of its form's type.
    pub(super) fn form_type(&self) -> String {
        format!("{}Form", camel(&self.id))
    }

    fn answer_type(&self) -> String {
        match &self.answer {
            Answer::Nothing => "()".to_owned(),
            Answer::Json(shape) => shape.rust(),
            Answer::Bytes => "Vec<u8>".to_owned(),
            Answer::Text => "String".to_owned(),
        }
    }

    /// The method that calls it, and the one that lists everything where it is a list.
    pub(super) fn method(&self, types: &Types) -> String {
        let mut text = docs("    ", &self.documentation());
        let mut arguments = String::from("&self");
        for name in &self.in_path {
            let _ = write!(arguments, ", {}: &str", snake(name));
        }
        if !self.in_query.is_empty() {
            let _ = write!(arguments, ", query: &{}", self.query_type());
        }
        match &self.body {
            Body::None => {}
            Body::Json(shape) => {
                let _ = write!(arguments, ", body: &{}", shape.rust());
            }
            Body::Form(_) => {
                let _ = write!(arguments, ", form: {}", self.form_type());
            }
        }
        let _ = writeln!(
            text,
            "    pub async fn {}({arguments}) -> std::result::Result<{}, Error> {{",
            self.id,
            self.answer_type()
        );
        let _ = writeln!(text, "        let call = {};", self.call());
        let finish = match &self.answer {
            Answer::Json(_) => "self.json(call).await",
            Answer::Nothing => "self.bytes(call).await.map(drop)",
            Answer::Bytes => "self.bytes(call).await",
            Answer::Text => "String::from_utf8(self.bytes(call).await?).map_err(Error::from)",
        };
        let _ = writeln!(text, "        {finish}\n    }}\n");
        text.push_str(&self.stream(types));
        text
    }

    fn documentation(&self) -> String {
        let mut text = self.summary.clone();
        if !text.ends_with('.') {
            text.push('.');
        }
        if !self.description.is_empty() {
            text.push_str("\n\n");
            text.push_str(&self.description);
        }
        let _ = write!(
            text,
            "\n\n`{} {}`\n\n# Errors\nAny [`Error`].",
            self.method, self.path
        );
        text
    }

    fn call(&self) -> String {
        let parameters: Vec<String> = self.in_path.iter().map(|name| snake(name)).collect();
        let mut call = format!(
            "Call::new(Method::{}, \"{}\", &[{}])",
            self.method,
            self.path,
            parameters.join(", ")
        );
        if !self.in_query.is_empty() {
            call.push_str(".query(query)?");
        }
        match self.body {
            Body::None => {}
            Body::Json(_) => call.push_str(".body(body)?"),
            Body::Form(_) => call.push_str(".form(form.fields())"),
        }
        call
    }

    /// For a list: the item's type, where its pages can be walked by cursor.
    fn item(&self, types: &Types) -> Option<String> {
        self.in_query
            .iter()
            .find(|field| field.name == "page[after]")?;
        let Answer::Json(Shape::Named(page)) = &self.answer else {
            return None;
        };
        types::item_of(types, page)
    }

    fn stream(&self, types: &Types) -> String {
        let Some(item) = self.item(types) else {
            return String::new();
        };
        let mut text = docs(
            "    ",
            &format!(
                "[`Client::{}`] page after page, by cursor: each entry once, whatever is added \
                 meanwhile. `limit`, `offset` and the cursors of the query are not looked at.",
                self.id
            ),
        );
        let parameters: Vec<String> = self.in_path.iter().map(|name| snake(name)).collect();
        let arguments = parameters.iter().fold(String::new(), |mut text, name| {
            let _ = write!(text, ", {name}: &str");
            text
        });
        let Answer::Json(Shape::Named(page)) = &self.answer else {
            return String::new();
        };
        let _ = writeln!(
            text,
            "    pub fn {id}_stream(&self{arguments}, query: &{query}) \
             -> impl Stream<Item = std::result::Result<{item}, Error>> + Send + use<> {{\n        \
             let call = Call::new(Method::GET, \"{path}\", &[{parameters}]).query(query);\n        \
             self.pages::<{page}>(call)\n    }}\n",
            id = self.id,
            query = self.query_type(),
            path = self.path,
            parameters = parameters.join(", "),
        );
        text
    }

    /// Whether the answer is a page that can be walked.
    pub(super) fn page(&self, types: &Types) -> Option<(String, String)> {
        let item = self.item(types)?;
        match &self.answer {
            Answer::Json(Shape::Named(page)) => Some((page.clone(), item)),
            _ => None,
        }
    }
}

/// Whether a type is an object.
pub(super) fn is_object(types: &Types, name: &str) -> bool {
    types
        .named
        .get(name)
        .is_some_and(|named| matches!(named.kind, Kind::Object(_)))
}
