//! Does the parser do as SPEC §2 says, on JDs written for this test?

use super::*;
use rolestream_dataflows::records::{Rejection, Skill, Status};
use std::sync::Arc;

fn skill(name: &str, aliases: &[&str], case_sensitive: bool, context: &[&str]) -> Skill {
    let own = |list: &[&str]| list.iter().map(|t| (*t).to_owned()).collect::<Vec<_>>();
    Skill {
        slug: rolestream_dataflows::text::slugify(name),
        name: name.to_owned(),
        number: 0,
        aliases: own(aliases),
        dimension: None,
        kind: "tool".to_owned(),
        ai: Default::default(),
        era: Default::default(),
        hints: rolestream_dataflows::records::Hints { case_sensitive, context: own(context) },
        status: Status::Active,
        replaced_by: None,
    }
}

/// A small library: what the JDs below name, but for Alembic and JUnit.
pub(super) fn library() -> Vec<Skill> {
    let plain = |name: &str, aliases: &[&str]| skill(name, aliases, false, &[]);
    vec![
        plain("Java", &["Core Java"]),
        plain("Spring Boot", &[]),
        plain("Python", &[]),
        plain("FastAPI", &[]),
        skill("REST", &["RESTful", "RESTful APIs", "REST API", "REST APIs"], true, &[]),
        plain("Microservices", &["microservices architecture"]),
        plain("PostgreSQL", &["Postgres"]),
        plain("SQL", &[]),
        plain("OAuth2", &["OAuth 2.0", "OAuth"]),
        plain("JWT", &[]),
        plain("Kafka", &["Apache Kafka"]),
        plain("Redis", &[]),
        plain("Docker", &[]),
        plain("Kubernetes", &["K8s"]),
        plain("CI/CD", &[]),
        plain("GitHub Actions", &[]),
        plain("Jenkins", &[]),
        plain("Prometheus", &[]),
        plain("OpenTelemetry", &[]),
        plain("C++", &[]),
        plain("C#", &[]),
        plain(".NET", &[]),
        plain("Node.js", &[]),
        plain("JavaScript", &[]),
        skill("Go", &["Golang"], true, &["language", "golang", "services"]),
        skill("C", &[], true, &["embedded", "language"]),
        skill("R", &[], true, &["statistical", "language"]),
    ]
}

fn parser() -> Parser {
    Parser::new(ParserSettings::default(), Arc::new(SkillLibrary::new(library().iter())))
}

fn parse(text: &str) -> ParsedJd {
    parser().parse(&Input { text, ..Input::default() }).unwrap()
}

fn skills(parsed: &ParsedJd, primary: bool) -> Vec<&str> {
    parsed.final_skills.iter().filter(|s| s.is_primary == primary).map(|s| s.skill_name.as_str()).collect()
}

const JD: &str = "Job Title: Backend Engineer
Company: Heron Freight Ltd.
Location: Bengaluru, India (Hybrid)
Experience: 3-5 years

About the Role:
Our ferries carry parcels, and you would keep their ledgers straight. Services are written in Java Spring Boot and Python FastAPI.

Key Responsibilities:
- Build RESTful APIs and microservices in Java Spring Boot that the harbour offices call
- Shape PostgreSQL schemas and look after Alembic database migrations
- Guard every call with OAuth 2.0 / JWT tokens
- Move parcel events through Kafka to the customs service
- Keep hot routes fast with Redis
- Cover the code by tests with JUnit and a throw-away database
- Review the work of colleagues with patience
- Measure the services with Prometheus and OpenTelemetry traces

Required Skills:
- 4+ years in the back rooms of a web service, with experience in Java or Python
- Strong SQL
- Experience with Kafka, Redis, REST API design, and microservices architecture
- Docker images and Kubernetes clusters
- Familiar with CI/CD pipelines (GitHub Actions or Jenkins)

What we offer:
- Health insurance, and a bicycle named Haskell
";

#[test]
fn the_header_is_read() {
    let nano = parse(JD).nano_parsed;
    assert_eq!(nano.role.as_deref(), Some("Backend Engineer"));
    assert_eq!(nano.company_name.as_deref(), Some("Heron Freight Ltd."));
    assert_eq!(nano.experience, Some(Experience { min: Some(3), max: Some(5), raw: "3-5 years".to_owned() }));
    assert_eq!(nano.role_aliases, ["Backend Developer"]);
    assert_eq!(nano.role_archetype.as_deref(), Some("Engineering"));
    let place = &nano.job_locations[0];
    assert_eq!(
        (place.city.as_deref(), place.country.as_deref(), place.work_mode),
        (Some("Bengaluru"), Some("India"), Some(WorkMode::Hybrid))
    );
    assert_eq!(place.aliases, ["Bangalore"]);
}

#[test]
fn three_sections_speak_of_the_role_and_benefits_do_not() {
    let parsed = parse(JD);
    let sections = &parsed.nano_parsed.roles_and_responsibilities;
    let shape: Vec<_> =
        sections.iter().map(|s| (s.heading.as_str(), s.heading_was_present, s.bullet_count, s.word_count)).collect();
    assert_eq!(
        shape,
        [("About the Role", true, 0, 21), ("Key Responsibilities", true, 8, 73), ("Required Skills", true, 5, 41)]
    );
    assert_eq!(sections[1].source_marker.last_5_words, "with Prometheus and OpenTelemetry traces");
    assert!(sections[1].text.starts_with("- Build RESTful APIs"));
    assert!(!parsed.responsibilities_text.contains("bicycle"));
    assert_eq!(parsed.sentences[0], "Our ferries carry parcels, and you would keep their ledgers straight.");
}

#[test]
fn skills_are_rated_by_where_they_stand() {
    let parsed = parse(JD);
    let mut primary = skills(&parsed, true);
    primary.sort_unstable();
    let want = [
        "Alembic",
        "CI/CD",
        "Docker",
        "FastAPI",
        "JUnit",
        "JWT",
        "Java",
        "Kafka",
        "Kubernetes",
        "Microservices",
        "OAuth2",
        "PostgreSQL",
        "Python",
        "REST",
        "Redis",
        "SQL",
        "Spring Boot",
    ];
    assert_eq!(primary, want);
    assert_eq!(skills(&parsed, false), ["Prometheus", "OpenTelemetry", "GitHub Actions", "Jenkins"]);
    assert_eq!(parsed.final_skills.len(), parsed.evidence.len());
    for (skill, places) in parsed.final_skills.iter().zip(&parsed.evidence) {
        let place = &places[0];
        let text = &parsed.nano_parsed.roles_and_responsibilities[place.section.unwrap()].text;
        assert!(!text[place.start..place.end].is_empty(), "{}", skill.skill_name);
    }
}

#[test]
fn forms_that_could_be_words_need_evidence() {
    let parsed = parse(
        "Job Title: Developer\nRequirements:\n- Go the extra mile with Kafka in mind\n- C++, C# and .NET, Node.js\n- Vitamin C and R&D experience of a team",
    );
    assert_eq!(skills(&parsed, true), ["Kafka", "C++", "C#", ".NET", "Node.js"]);
    let parsed = parse("Job Title: Developer\nRequirements:\n- Java, Go or R, and JavaScript\n- Embedded work in C");
    assert_eq!(skills(&parsed, true), ["Java", "Go", "R", "JavaScript", "C"]);
}

#[test]
fn unknown_skills_are_captured_where_skills_stand() {
    let unknown = |bullet: &str| {
        let text = format!(
            "Job Title: Clerk\nCompany: Pelican Ltd\nRequirements:\n- Java, SQL, Redis and Docker on most days\n- {bullet}"
        );
        let known = library();
        let names = parse(&text).final_skills.into_iter().map(|s| s.skill_name);
        names.filter(|name| known.iter().all(|k| k.name != *name)).collect::<Vec<_>>()
    };
    assert_eq!(unknown("Pipelines in Kafka, Flume and Apache NiFi"), ["Flume", "Apache NiFi"]);
    assert_eq!(unknown("Good knowledge of LogRhythm"), ["LogRhythm"]);
    assert_eq!(unknown("Feed Redis and change the Zope framework"), ["Zope"]);
    for nothing in [
        "Kafka experienceStrong will, and SQLstatements of length",
        "Harbour Management System (HMS) and Kafka in Oslo, Norway",
        "Meet the Kafka, Tuesday and Warehouse Managers",
        "Knowledge of Pelican, of German, and of an MBA",
        "Kafka certification, CISSP or OSCP certified",
        "Write to Jane.Doe@Pelican.example about Kafka",
    ] {
        assert_eq!(unknown(nothing), Vec::<String>::new(), "{nothing}");
    }
}

#[test]
fn html_and_markdown_say_the_same() {
    let body = |heading: fn(&str) -> String, item: fn(&str) -> String| {
        format!(
            "{}{}{}{}{}",
            heading("Responsibilities"),
            item("Build services in Java for the harbour"),
            item("Run them on Kubernetes"),
            heading("Nice to have"),
            item("Some Redis on the side")
        )
    };
    let html = body(|h| format!("<h2>{h}</h2>"), |i| format!("<li>{i}</li>"));
    let markdown = body(|h| format!("\n## {h}\n"), |i| format!("* {i}\n"));
    let parse =
        |text: &str| parser().parse(&Input { title: Some("Java Developer"), text, ..Input::default() }).unwrap();
    let (html, markdown) = (parse(&html), parse(&markdown));
    assert_eq!(html.nano_parsed, markdown.nano_parsed);
    assert_eq!(html.final_skills, markdown.final_skills);
    assert_eq!(skills(&html, false), ["Redis"]);
}

#[test]
fn what_is_no_jd_is_rejected_with_a_reason() {
    let reason = |text: &str| parser().parse(&Input { text, ..Input::default() }).unwrap_err().reason;
    assert_eq!(reason(""), Rejection::NoText);
    assert_eq!(reason(" \n\t…\u{0}"), Rejection::NoText);
    assert_eq!(
        reason(
            "Mix flour and water, add the salt, knead for ten minutes and let the dough rest under a damp cloth until it doubles."
        ),
        Rejection::NotAJd
    );
    assert_eq!(
        reason(
            "Lorem ipsum dolor sit amet, consectetur adipiscing elit, sed do eiusmod tempor incididunt ut labore et dolore."
        ),
        Rejection::NotAJd
    );
    assert_eq!(
        reason(
            "Benefits:\n- Paid time off for every employee\n- A career of growth, with a salary to match\n- Health insurance"
        ),
        Rejection::NoRole
    );
    assert_eq!(reason(&"experience ".repeat(40_000)), Rejection::TooLarge);
    let settings = ParserSettings { accepted_archetypes: vec!["Engineering".to_owned()], ..ParserSettings::default() };
    let parser = Parser::new(settings, Arc::new(SkillLibrary::default()));
    let nurse = Input {
        title: Some("Staff Nurse"),
        text: "You will care for patients. Experience on a ward is required.",
        ..Input::default()
    };
    let rejected = parser.parse(&nurse).unwrap_err();
    assert_eq!(rejected.reason, Rejection::ArchetypeNotAccepted);
    assert!(rejected.parsed.is_some());
}

#[test]
fn a_jd_in_another_language_is_one() {
    let text = "Wir suchen einen Softwareentwickler (m/w/d) in Berlin.\n\nDeine Aufgaben\n- Entwicklung von Diensten mit Java und Kafka\n\nDein Profil\n- Mehrere Jahre Erfahrung mit PostgreSQL";
    let parsed =
        parser().parse(&Input { title: Some("Softwareentwickler (m/w/d)"), text, ..Input::default() }).unwrap();
    assert_eq!(skills(&parsed, true), ["Java", "Kafka", "PostgreSQL"]);
    assert_eq!(parsed.title.unwrap().plain, "Softwareentwickler");
}

#[test]
fn the_shape_is_the_contracts() {
    let json = serde_json::to_value(parse(JD).nano_parsed).unwrap();
    let keys: Vec<&str> = json.as_object().unwrap().keys().map(String::as_str).collect();
    let want = [
        "JD_type",
        "about_company",
        "certifications",
        "company_name",
        "ctc",
        "domain",
        "education",
        "experience",
        "job_locations",
        "role",
        "role_aliases",
        "role_archetype",
        "roles_and_responsibilities",
        "urls",
    ];
    let mut sorted = keys.clone();
    sorted.sort_unstable();
    assert_eq!(sorted, want);
    assert_eq!(json["JD_type"], "pass");
}

#[test]
fn the_library_has_no_say_in_what_the_text_says() {
    let empty = Parser::new(ParserSettings::default(), Arc::new(SkillLibrary::default()));
    let parsed = empty.parse(&Input { text: JD, ..Input::default() }).unwrap();
    assert_eq!(parsed.sentences, parse(JD).sentences);
    let full = empty.with_library(Arc::new(SkillLibrary::new(library().iter())));
    assert_eq!(full.parse(&Input { text: JD, ..Input::default() }).unwrap(), parse(JD));
}
