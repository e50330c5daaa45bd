//! What waits for a person, and what is done about it? `/reviews`, and `/collisions/{id}` to say what a term means.

use crate::error::Error;
use crate::review::{Accept, Action, Filter, Order, Queue, Row, Settlement, Sort, Standing};
use crate::serve::access::{Access, Principal, Scope, require};
use crate::serve::app::App;
use crate::serve::extract::{Json, Path, Query};
use crate::serve::page;
use crate::serve::problem::Problem;
use crate::serve::reviewing::{Proposal, Settled};
use crate::serve::routes::runs::RunSummary;
use crate::time::millis;
use axum::extract::State;
use rolestream_dataflows::id::Id;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};
use std::cmp::Reverse;
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Rows that are settled at once, at most.
const MOST: usize = 1_000;

/// Which rows.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ReviewsWanted {
    /// `new_skills`, `new_roles`, `new_kras`, `novel_sentences`, `undecided` or `collisions`.
    queue: Option<String>,
    /// Seen in this role, by slug.
    role: Option<String>,
    /// In what it is about.
    text: Option<String>,
    /// `pending`, `accepted`, `merged`, `snoozed` or `rejected`. Without it all but those that are hidden: snoozed and
    /// rejected ones.
    status: Option<String>,
    /// Seen in so many runs, at least.
    min_frequency: Option<u64>,
    /// `priority` (unless said), `frequency`, `age` or `last_seen`.
    sort: Option<String>,
    /// Rows of a page, 1 to 1000; 50 unless said.
    limit: Option<usize>,
    /// `next` of the page before.
    cursor: Option<String>,
}

/// A page of rows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Reviews {
    /// In the order that was asked for.
    pub reviews: Vec<Row>,
    /// How many there are, on all pages.
    pub total: usize,
    /// The cursor of the next page; null at the end.
    pub next: Option<String>,
    /// The epoch they are of.
    pub epoch: u64,
}

/// A page of a row's runs.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct RunsOfRow {
    /// Runs of a page, 1 to 1000; 50 unless said.
    limit: Option<usize>,
    /// `next` of the page before.
    cursor: Option<String>,
}

/// A row, and the runs behind it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Review {
    /// The row.
    pub review: Row,
    /// Its runs, newest first.
    pub runs: Vec<RunSummary>,
    /// The cursor of their next page; null at the end.
    pub next: Option<String>,
}

/// What is to be done about many rows.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ManyRows {
    /// The rows' numbers: all of them are settled, or none.
    pub ids: Vec<u64>,
    /// What, and why.
    #[serde(flatten)]
    pub order: Order,
}

/// What a term means, and why.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TermMeans {
    /// What it means.
    pub rule: Settlement,
    /// Why; it is kept.
    #[serde(default)]
    pub reason: String,
}

pub(super) fn routes(access: &Arc<Access>) -> OpenApiRouter<Arc<App>> {
    let reading = OpenApiRouter::new().routes(routes!(list)).routes(routes!(one)).routes(routes!(proposal));
    let reviewing = OpenApiRouter::new().routes(routes!(settle_many)).routes(routes!(settle)).routes(routes!(means));
    reading.route_layer(require(access, Scope::Read)).merge(reviewing.route_layer(require(access, Scope::Review)))
}

/// What waits for a person: aggregated over all runs, the most urgent first.
#[utoipa::path(get, path = "/reviews", tag = "reviews", params(ReviewsWanted), responses(
    (status = 200, body = Reviews),
    (status = "default", description = "Why not", body = Problem, content_type = "application/problem+json"),
))]
async fn list(State(app): State<Arc<App>>, Query(asked): Query<ReviewsWanted>) -> Result<Json<Reviews>, Problem> {
    let limit = page::rows(asked.limit)?;
    let (filter, sort) = asked.wanted().map_err(Problem::unprocessable)?;
    app.aside(move |app| {
        let (page, epoch) = app.reviews(&filter, sort, asked.cursor.as_deref(), limit)?;
        Ok(Json(Reviews { reviews: page.rows, total: page.total, next: page.next, epoch }))
    })
    .await
}

/// A row, and all runs that it is about.
#[utoipa::path(get, path = "/reviews/{id}", tag = "reviews", params(("id" = u64, Path, description = "As the list has it"), RunsOfRow), responses(
    (status = 200, body = Review),
    (status = 404, description = "There is no such row", body = Problem, content_type = "application/problem+json"),
    (status = "default", description = "Why not", body = Problem, content_type = "application/problem+json"),
))]
async fn one(
    State(app): State<Arc<App>>,
    Path(id): Path<u64>,
    Query(asked): Query<RunsOfRow>,
) -> Result<Json<Review>, Problem> {
    let most = page::rows(asked.limit)?;
    let after = asked.cursor.as_deref().map(page::place::<(i64, u64)>).transpose()?;
    let after = after.map(|(at, jd)| (Reverse(at), Id(jd)));
    app.aside(move |app| {
        let review = app.review_row(&app.known(), id)?;
        let (runs, next) = app.runs_of_row(&review, after, most);
        Ok(Json(Review {
            runs: runs.iter().map(|run| app.summary(run)).collect(),
            next: next.map(|(at, jd)| page::cursor(&(at.0, jd.0))),
            review,
        }))
    })
    .await
}

/// How a row would be accepted: a new role with what its runs share, a new skill with its home.
#[utoipa::path(get, path = "/reviews/{id}/proposal", tag = "reviews", params(("id" = u64, Path, description = "As the list has it")), responses(
    (status = 200, body = Proposal),
    (status = 404, description = "There is no such row", body = Problem, content_type = "application/problem+json"),
    (status = "default", description = "Why not", body = Problem, content_type = "application/problem+json"),
))]
async fn proposal(State(app): State<Arc<App>>, Path(id): Path<u64>) -> Result<Json<Proposal>, Problem> {
    app.aside(move |app| {
        let known = app.known();
        let row = app.review_row(&known, id)?;
        app.proposal(&known, &row).map(Json)
    })
    .await
}

/// Settles many rows at once: all of them, or none. When the answer comes, every view knows of it.
#[utoipa::path(post, path = "/reviews", tag = "reviews", security(("token" = ["review"])), request_body = ManyRows, responses(
    (status = 200, body = Settled),
    (status = 404, description = "One of the rows is not there", body = Problem, content_type = "application/problem+json"),
    (status = 422, description = "It cannot be done to one of the rows", body = Problem, content_type = "application/problem+json"),
    (status = "default", description = "Why not", body = Problem, content_type = "application/problem+json"),
))]
async fn settle_many(
    State(app): State<Arc<App>>,
    principal: Principal,
    Json(asked): Json<ManyRows>,
) -> Result<Json<Settled>, Problem> {
    if asked.ids.len() > MOST {
        return Err(Problem::unprocessable(
            Error::new("too many rows at once")
                .detail(format!("it names {}; at most {MOST} are settled together", asked.ids.len()))
                .hint("settle them in several requests"),
        ));
    }
    app.aside(move |app| app.settle_rows(&asked.ids, &asked.order, &principal).map(Json)).await
}

/// Settles a row: accepts it, merges it into what is known, rejects it for ever, snoozes it, or says what it is not.
#[utoipa::path(post, path = "/reviews/{id}", tag = "reviews", security(("token" = ["review"])), params(("id" = u64, Path, description = "As the list has it")), request_body = Order, responses(
    (status = 200, body = Settled),
    (status = 404, description = "There is no such row", body = Problem, content_type = "application/problem+json"),
    (status = 422, description = "It cannot be done to this row", body = Problem, content_type = "application/problem+json"),
    (status = "default", description = "Why not", body = Problem, content_type = "application/problem+json"),
))]
async fn settle(
    State(app): State<Arc<App>>,
    principal: Principal,
    Path(id): Path<u64>,
    Json(OneRow(order)): Json<OneRow>,
) -> Result<Json<Settled>, Problem> {
    app.aside(move |app| app.settle_rows(&[id], &order, &principal).map(Json)).await
}

/// Says what a term means that several roles claim: a role, nothing certain, or a role where the JD has certain skills.
#[utoipa::path(post, path = "/collisions/{id}", tag = "reviews", security(("token" = ["review"])), params(("id" = u64, Path, description = "As the list has it")), request_body = TermMeans, responses(
    (status = 200, body = Settled),
    (status = 404, description = "There is no such collision", body = Problem, content_type = "application/problem+json"),
    (status = 422, description = "A rule would change nothing, or names what is not there", body = Problem, content_type = "application/problem+json"),
    (status = "default", description = "Why not", body = Problem, content_type = "application/problem+json"),
))]
async fn means(
    State(app): State<Arc<App>>,
    principal: Principal,
    Path(id): Path<u64>,
    Json(TermMeans { rule, reason }): Json<TermMeans>,
) -> Result<Json<Settled>, Problem> {
    let details = Accept { rule: Some(rule), ..Accept::default() };
    let order = Order { action: Action::Accept(Box::new(details)), role: None, reason };
    app.aside(move |app| app.settle_rows(&[id], &order, &principal).map(Json)).await
}

impl ReviewsWanted {
    fn wanted(&self) -> Result<(Filter, Sort), Error> {
        let filter = Filter {
            queue: self.queue.as_deref().map(str::parse::<Queue>).transpose()?,
            role: self.role.clone(),
            text: self.text.clone(),
            min_frequency: self.min_frequency.unwrap_or_default(),
            status: self.status.as_deref().map(str::parse::<Standing>).transpose()?,
        };
        let sort = self.sort.as_deref().map(str::parse::<Sort>).transpose()?.unwrap_or_default();
        Ok((filter, sort))
    }
}

impl App {
    fn review_row(&self, known: &crate::serve::reviewing::Known, id: u64) -> Result<Row, Problem> {
        let mut rows = self.review_rows(known, &[id])?;
        rows.pop().ok_or_else(|| Problem::internal(&Error::new("a row was found and is not there")))
    }
}

/// What is to be done about a row, read strictly.
struct OneRow(Order);

impl<'de> Deserialize<'de> for OneRow {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<OneRow, D::Error> {
        ordered::<D::Error>(Map::deserialize(from)?).map(OneRow)
    }
}

impl<'de> Deserialize<'de> for ManyRows {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<ManyRows, D::Error> {
        let mut map = Map::deserialize(from)?;
        let ids = map.remove("ids").ok_or_else(|| D::Error::missing_field("ids"))?;
        let ids = serde_json::from_value(ids).map_err(|error| D::Error::custom(format!("\"ids\": {error}")))?;
        Ok(ManyRows { ids, order: ordered(map)? })
    }
}

/// Fields that any order may have.
macro_rules! with_common {
    ($($field:literal),*) => { &["action", "role", "reason", $($field),*] };
}

/// An order. Its parts lie flat beside each other, so what belongs to no part is found here.
fn ordered<E: serde::de::Error>(mut map: Map<String, Value>) -> Result<Order, E> {
    const ACTIONS: &[&str] = &["accept", "merge_into", "reject", "not_a_duplicate", "snooze"];
    let Some(action) = map.get("action") else { return Err(E::missing_field("action")) };
    let known: &'static [&'static str] = match action.as_str() {
        Some("accept") => with_common![
            "name",
            "aliases",
            "dimension",
            "kind",
            "ai",
            "era",
            "case_sensitive",
            "context",
            "link_roles",
            "records",
            "sentences",
            "chosen_role",
            "confidence",
            "rule"
        ],
        Some("merge_into") => with_common!["target"],
        Some("reject") => with_common![],
        Some("not_a_duplicate") => with_common!["of"],
        Some("snooze") => with_common!["until"],
        Some(other) => return Err(E::unknown_variant(other, ACTIONS)),
        None => return Err(E::custom("\"action\" is no text")),
    };
    if let Some(field) = map.keys().find(|field| !known.contains(&field.as_str())) {
        return Err(E::unknown_field(field, known));
    }
    // A person writes a time, a program a number.
    if let Some(Value::String(text)) = map.get("until") {
        let until = millis(text).map_err(|error| E::custom(format!("\"until\": {}", error.primary)))?;
        map.insert("until".to_owned(), until.into());
    }
    serde_json::from_value(Value::Object(map)).map_err(E::custom)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn many(body: Value) -> Result<ManyRows, String> {
        serde_json::from_str(&body.to_string()).map_err(|error| error.to_string())
    }

    #[test]
    fn an_order_lies_flat_beside_its_rows_and_has_no_field_too_many() {
        let read = many(json!({"ids": [1, 2], "action": "snooze", "until": "1970-01-02", "reason": "later"})).unwrap();
        let order = Order { action: Action::Snooze { until: 86_400_000 }, role: None, reason: "later".to_owned() };
        assert_eq!(read, ManyRows { ids: vec![1, 2], order });
        let read = many(json!({"ids": [1], "action": "accept", "name": "JUnit", "role": "x"})).unwrap();
        let Action::Accept(details) = read.order.action else { panic!("{read:?}") };
        assert_eq!((details.name.as_deref(), read.order.role.as_deref()), (Some("JUnit"), Some("x")));
        let wrong = |body: Value| many(body).unwrap_err();
        assert!(wrong(json!({"ids": [1], "action": "reject", "name": "x"})).starts_with("unknown field `name`"));
        assert!(wrong(json!({"ids": [1], "action": "acept"})).starts_with("unknown variant `acept`"));
        assert!(wrong(json!({"ids": [-1], "action": "reject"})).starts_with("\"ids\": invalid value"));
        assert!(wrong(json!({"action": "reject"})).starts_with("missing field `ids`"));
        assert!(
            wrong(json!({"ids": [1], "action": "snooze", "until": "soon"})).starts_with("\"until\": \"soon\" is no")
        );
    }
}
