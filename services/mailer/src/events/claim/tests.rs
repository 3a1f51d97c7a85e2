use super::*;

fn tags_of(key: &DeliveryKey, attempt: u32) -> BTreeMap<String, String> {
    let tags = crate::attempt::tags(key, attempt).into_iter();
    tags.map(|(name, value)| (name.to_owned(), value)).collect()
}

#[test]
fn the_tags_of_every_delivery_lead_back_to_it() {
    for (run, document) in [
        ("harbor.2026-11-20", "cfo"),
        ("a-b-9.2026-01-31", "audit-rental_2"),
    ] {
        let key = DeliveryKey {
            run: run.parse().unwrap(),
            document: document.parse().unwrap(),
            rid: Rid::archive(),
            mail_epoch: MailEpoch(3),
        };
        assert_eq!(claim(&tags_of(&key, 2)), Ok(Claim { key, attempt: 2 }));
    }
}

#[test]
fn tags_that_are_missing_or_malformed_claim_nothing() {
    let key = DeliveryKey {
        run: "harbor.2026-11-20".parse().unwrap(),
        document: "cfo".parse().unwrap(),
        rid: Rid::archive(),
        mail_epoch: MailEpoch(0),
    };
    let good = tags_of(&key, 1);
    assert_eq!(claim(&BTreeMap::new()), Err(Disbelief::Tags));
    for name in ["run", "document", "rid", "epoch", "attempt"] {
        let mut tags = good.clone();
        tags.insert(name.to_owned(), "cfo@example.com".to_owned());
        assert_eq!(claim(&tags), Err(Disbelief::Tags), "a malformed {name}");
        tags.remove(name);
        assert_eq!(claim(&tags), Err(Disbelief::Tags), "no {name}");
    }
}
