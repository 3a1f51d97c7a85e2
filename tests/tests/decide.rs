//! `quarterdeck decide`: what is decided about an action stands in portfolio.toml, and the next night knows of it.

use std::fs;

use serde_json::Value;
use tests::{copy_folder, quarterdeck, root};

/// A copy of the hotel's portfolio with one task in a handoff, so that a night takes no time.
fn portfolio() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let own = folder.path().join("hotel");
    copy_folder(&root().join("tests/fixtures/hotel"), &own);
    fs::create_dir_all(own.join("tables")).unwrap();
    let header = "hotel,is_canceled,lead_time";
    fs::write(own.join("tables/rental-reservations.csv"), format!("{header}\n")).unwrap();
    let file = own.join("portfolio.toml");
    let text = fs::read_to_string(&file).unwrap();
    let more = "\n[sources.handoffs]\npath = \"handoffs\"\n\n[[documents]]\nid = \"ceo\"\ntemplate = \"ceo\"\n\
                title = \"CEO brief\"\nrecipients = [\"ceo@example.com\"]\n";
    fs::write(&file, text + more).unwrap();
    fs::create_dir_all(own.join("handoffs")).unwrap();
    let handoff = "---\ntitle: Two hotels\nowner: ceo\nstage: operating\nupdated: 2017-08-30\n---\n\n# Two hotels\n\n\
                   ## 30-day agenda\n\n- [ ] Paint the lobby [owner:: ceo] [due:: 2017-09-10]\n";
    fs::write(own.join("handoffs/rental.md"), handoff).unwrap();
    let view = "catalog/views/actions.handoffs.sql";
    fs::copy(root().join("examples/harbor").join(view), own.join(view)).unwrap();
    folder
}

struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    fn ask(&self, command: &[&str], more: &[&str]) -> (i32, String, String) {
        let at = |name: &str| self.folder.path().join(name).display().to_string();
        let (portfolio, out) = (at("hotel"), at("out"));
        let mut arguments = command.to_vec();
        arguments.insert(1, &portfolio);
        arguments.extend(more);
        arguments.extend(["--out", &out]);
        quarterdeck(&arguments)
    }
    fn text(&self) -> String {
        fs::read_to_string(self.folder.path().join("hotel/portfolio.toml")).unwrap()
    }
    /// The task, as a night of that date has it.
    fn task(&self, date: &str) -> Value {
        let (code, said, errors) = self.ask(&["run"], &["--date", date]);
        assert!(code == 0 || code == 3, "{said}{errors}");
        let analysis = self.analysis(date);
        let actions = analysis["actions"].as_array().unwrap();
        let paint = actions.iter().find(|a| a["title"] == "Paint the lobby");
        paint.unwrap_or_else(|| panic!("{actions:#?}")).clone()
    }
    fn analysis(&self, date: &str) -> Value {
        let file = self.folder.path().join(format!("out/{date}/analysis.json"));
        serde_json::from_slice(&fs::read(file).unwrap()).unwrap()
    }
}

#[test]
fn a_decision_is_written_down_and_the_next_night_knows_of_it() {
    let place = Place { folder: portfolio() };
    let before = place.text();
    let paint = place.task("2017-08-30");
    let code = paint["code"].as_str().unwrap();
    assert_eq!(paint["state"], "open");
    let (exit, list, _) = place.ask(&["decide"], &[]);
    assert_eq!(exit, 0);
    assert!(list.contains(code) && list.contains("Paint the lobby"), "{list}");

    let snooze = [
        "--for",
        "2w",
        "--on",
        "2017-08-31",
        "--reason",
        "guests \"sleep\"",
    ];
    let (exit, said, errors) = place.ask(&["decide", code, "snooze"], &snooze);
    assert_eq!(exit, 0, "{errors}");
    assert!(said.contains("until = 2017-09-14"), "{said}");
    assert!(place.text().starts_with(&before), "the owner's own lines stay");
    let paint = place.task("2017-08-31");
    assert_eq!(paint["state"], "snoozed");
    assert_eq!(paint["decision"]["reason"], "guests \"sleep\"");
    let row = &place.analysis("2017-08-31")["models"]["agenda"]["rows"][0];
    assert_eq!(row[0], "snoozed until 14 Sep 2017", "{row:#}");
    let brief = fs::read_to_string(place.folder.path().join("out/2017-08-31/ceo.txt")).unwrap();
    assert!(brief.contains(code), "{brief}");
}

/// Where a mail of the only night here asks the CEO to answer it.
fn asked_at(place: &Place) -> String {
    let outbox = place
        .folder
        .path()
        .join("out/.quarterdeck/outbox/hotel_2017-08-30");
    let files = fs::read_dir(outbox).unwrap().map(|entry| entry.unwrap().path());
    let answered_at = files
        .filter(|path| path.extension().is_some_and(|e| e == "eml"))
        .filter_map(|path| {
            let raw = fs::read(path).unwrap();
            let mail = mail_parser::MessageParser::new().parse(&raw)?;
            let to = mail.to()?.first()?.address()? == "ceo@example.com";
            let address = mail.reply_to()?.first()?.address()?.to_owned();
            to.then_some(address)
        });
    answered_at.min().expect("the CEO is mailed")
}

#[test]
fn a_mail_is_answered_on_a_laptop_by_the_code_of_a_deployment() {
    let place = Place { folder: portfolio() };
    let file = place.folder.path().join("hotel/portfolio.toml");
    let domain = "[mail]\nreply_domain = \"reply.example.com\"\n";
    fs::write(file, place.text().replacen("[mail]\n", domain, 1)).unwrap();
    let paint = place.task("2017-08-30");
    let code = paint["code"].as_str().unwrap();
    let brief = fs::read_to_string(place.folder.path().join("out/2017-08-30/ceo.txt")).unwrap();
    assert!(brief.contains("Answer this mail with: done"), "{brief}");

    let at = |name: &str| place.folder.path().join(name).display().to_string();
    let (answer, portfolio, out) = (at("answer.eml"), at("hotel"), at("out"));
    let take = |from: &str, body: &str| {
        let to = asked_at(&place);
        let mail = format!("From: {from}\r\nTo: {to}\r\nMessage-ID: <1@example.com>\r\n\r\n{body}\r\n");
        fs::write(&answer, mail).unwrap();
        let arguments = [
            "mail",
            "reply",
            &answer,
            "--portfolio",
            &portfolio,
            "--out",
            &out,
            "--json",
        ];
        let (code, said, errors) = quarterdeck(&arguments);
        let said: Value = serde_json::from_str(&said).unwrap_or_else(|e| panic!("{e}: {said}{errors}"));
        (code, said)
    };
    let snooze = format!("snooze {code} 2w");
    let (exit, said) = take("ceo@example.com", &snooze);
    assert_eq!((exit, &said["new"]), (0, &Value::from(1)), "{said:#}");
    let snoozed = format!("{code} snoozed until 2017-09-14");
    assert_eq!(said["commands"], Value::from(vec![snoozed]));
    let (exit, said) = take("ceo@example.com", &snooze);
    assert_eq!(
        (exit, &said["new"]),
        (0, &Value::from(0)),
        "twice is once: {said:#}"
    );
    let (exit, said) = take("ceo@example.com", "snooze it");
    assert_eq!(
        (exit, said["wrong"].as_array().unwrap().len()),
        (3, 1),
        "{said:#}"
    );
    let (exit, said) = take("stranger@example.com", &snooze);
    assert_eq!(
        (exit, &said["outcome"]),
        (3, &Value::from("quarantined")),
        "{said:#}"
    );
}

#[test]
fn what_does_not_fit_is_refused_and_the_file_stays_as_it_was() {
    let place = Place { folder: portfolio() };
    let paint = place.task("2017-08-30");
    let (code, before) = (paint["code"].as_str().unwrap(), place.text());
    let refused = |arguments: &[&str], why: &str| {
        let (exit, _, errors) = place.ask(&[&["decide"], arguments].concat(), &[]);
        assert_ne!(exit, 0);
        assert!(errors.contains(why), "{why}: {errors}");
        assert_eq!(place.text(), before);
    };
    refused(
        &["A00000", "done"],
        "there is no action A00000 in the night of 2017-08-30",
    );
    refused(&["17", "done"], "\"17\" is no action");
    refused(&[code], "required");
    refused(&[code, "snooze"], "until when?");
    refused(&[code, "accept", "--for", "2w"], "why?");
    refused(&[code, "done", "--for", "2w"], "done for good");
    refused(&[code, "snooze", "--for", "2h"], "whole days");
    let backwards = ["--until", "2017-08-01", "--on", "2017-08-31"];
    refused(
        &[&[code, "snooze"], &backwards[..]].concat(),
        "`until` is before `on`",
    );
}
