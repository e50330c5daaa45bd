//! A taxonomy of two roles and six skills, and postings for it: what the tests of commands and of the service begin with.

/// A posting it decides by its title.
pub(crate) const DATA: &str = "Title: Data Engineer\nCompany: Quarry & Sons\nLocation: Oslo, Norway\n\nResponsibilities:\n\
- Build pipelines that load sales records into the warehouse with Kafka\n\
- Model tables in SQL so that analysts find what they need\n\
- Keep the nightly loads running and write their tests with JUnit\n\n\
Requirements:\n- Strong Python and SQL\n- Experience with Kafka\n";

/// One it decides by its title, too.
pub(crate) const WEB: &str = "Title: Web Developer\n\nResponsibilities:\n\
- Build accessible pages and forms for our customers with React\n\
- Keep the pages fast on slow phones and old browsers\n\n\
Requirements:\n- Strong JavaScript and React\n- Experience with CSS\n";

/// Its files, by path inside its folder.
pub(crate) fn files() -> [(&'static str, String); 3] {
    let role = |id: u32, name: &str, alias: &str, kras: [&str; 3], skills: &str| {
        let kras: String = kras.iter().enumerate().map(|(n, kra)| format!("k{n} = \"{kra}\"\n")).collect();
        format!(
            "id = {id}\nname = \"{name}\"\narchetype = \"Engineering\"\naliases = [\"{alias}\"]\n\n[kras]\n{kras}\n[skills]\ntools = [{skills}]\n"
        )
    };
    let data = [
        "Builds pipelines that load records into the data warehouse.",
        "Models tables for analysts in SQL.",
        "Keeps nightly loads running and repairs failed ones.",
    ];
    let web = [
        "Builds accessible web pages and forms.",
        "Keeps pages fast on phones and in old browsers.",
        "Styles pages after the designs of others.",
    ];
    let skill =
        |id: u32, slug: &str, name: &str| format!("\n[skills.{slug}]\nid = {id}\nname = \"{name}\"\nkind = \"tool\"\n");
    let names = ["Kafka", "SQL", "Python", "React", "JavaScript", "CSS"];
    let skills: String = names.iter().zip(1..).map(|(name, id)| skill(id, &name.to_lowercase(), name)).collect();
    [
        ("roles/data-engineer.toml", role(2, "Data Engineer", "ETL Developer", data, "\"kafka\", \"sql\", \"python\"")),
        (
            "roles/web-developer.toml",
            role(5, "Web Developer", "Frontend Developer", web, "\"react\", \"javascript\", \"css\""),
        ),
        ("skills/tools.toml", format!("[dimension]\nname = \"Tools\"\n{skills}")),
    ]
}
