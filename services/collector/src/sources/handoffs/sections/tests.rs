use super::*;

#[test]
fn headings_are_known_in_any_case_and_wording() {
    for (heading, section) in [
        ("FINANCIALS", "financials"),
        ("3. Technical Debt:", "technical debt"),
        ("🔒 Security (2026)", "security"),
        ("Risks & mitigations", "risks"),
        ("Financial risks", "risks"),
        ("Security posture", "security"),
        ("To-do", "tasks"),
        ("Deploys", "deploy log"),
        ("UI/UX", "ux"),
    ] {
        assert_eq!(canonical(heading), Some(section), "{heading}");
    }
    for heading in ["Local SEO", "QueenofSanDiego", "", "日本", "3028 51st St Rental"] {
        assert_eq!(canonical(heading), None, "{heading:?}");
    }
}

#[test]
fn slips_are_recognised_and_strangers_are_not() {
    assert_eq!(near_miss("Finacials"), Some("financials"));
    assert_eq!(near_miss("Techncial Debt"), Some("technical debt"));
    assert_eq!(near_miss("Local SEO"), None);
    assert_eq!(near_miss("Ads"), None);
    assert_eq!(near_miss("Deploymnets"), Some("deployments"));
    assert_eq!(near_miss("3. Roadmpa"), Some("roadmap"));
    for heading in ["Posts", "Rules", "Terms", "Notes", "Boats", "Rates", "Tools"] {
        assert_eq!(near_miss(heading), None, "{heading}");
    }
    assert_eq!(near_miss(&"x".repeat(1_000_000)), None);
}

#[test]
fn a_stranger_inherits_its_section_and_a_sibling_ends_it() {
    let mut outline = Outline::default();
    assert_eq!(outline.open(1, "The holding"), "the holding");
    assert_eq!(outline.open(2, "Channels"), "channels");
    assert_eq!(outline.open(3, "Boatsetter"), "channels");
    assert_eq!(outline.open(2, "Local SEO"), "local seo");
    assert_eq!(outline.open(4, "Security"), "security");
}
