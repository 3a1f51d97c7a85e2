//! Sources of a night that AWS itself answers for: a table of another account, values of SSM, a prefix of many handoffs.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use aws_config::SdkConfig;
use aws_sdk_dynamodb::{
    Client,
    config::{Builder, Credentials, Region},
    types::{
        AttributeDefinition, AttributeValue, BillingMode, KeySchemaElement, KeyType, ScalarAttributeType,
    },
};
use collector::{
    Delivery,
    snapshot::PartFolder,
    sources::{
        Collected, SourceError,
        dynamodb::{self, Accounts, Elsewhere, budget::RealTime, live::Live, progress::Progress},
        environment, handoffs,
        inventory::account::{Account, Fingerprints},
    },
};
use object_store::{ObjectStore, ObjectStoreExt, path::Path, prefix::PrefixStore};
use serde_json::json;
use shared::{
    clock::SystemClock,
    embedded::EmbeddedDynamo,
    facts::SourceState,
    id::{Generation, PartId, RunId},
    ledger::DynamoLedger,
    objects::Objects,
    portfolio::{Bundle, EnvironmentSource, HandoffSource, Portfolio, TableSource, ValueSource},
};

use super::{config, fresh, http};

/// Another account than that of the credentials that run.sh gives us.
const THEIRS: &str = "111122223333";

fn run() -> RunId {
    "harbor.2026-11-20".parse().expect("a run")
}
fn part(id: &str) -> PartId {
    id.parse().expect("a part")
}

mod tables {
    use super::*;

    /// A client of an account: the local AWS takes a key of twelve digits for the account's id.
    fn of(config: &SdkConfig, account: &str, region: &'static str) -> Client {
        let credentials = Credentials::new(account, "local", None, None, "test");
        let builder = Builder::from(config).credentials_provider(credentials);
        Client::from_conf(builder.region(Region::new(region)).build())
    }

    /// Makes a table of so many items, each of which has the attribute.
    async fn create(client: &Client, table: &str, attribute: &str, items: usize) {
        let key = AttributeDefinition::builder().attribute_name("id");
        let key = key.attribute_type(ScalarAttributeType::S).build();
        let schema = KeySchemaElement::builder()
            .attribute_name("id")
            .key_type(KeyType::Hash);
        let made = client
            .create_table()
            .table_name(table)
            .attribute_definitions(key.expect("whole"))
            .key_schema(schema.build().expect("whole"))
            .billing_mode(BillingMode::PayPerRequest);
        made.send().await.expect("the table is made");
        for n in 0..items {
            let item = client.put_item().table_name(table);
            let item = item.item("id", AttributeValue::S(n.to_string()));
            let item = item.item(attribute, AttributeValue::S("x".to_owned()));
            item.send().await.expect("the item is put");
        }
    }

    /// What a part makes of a source, as the deployed collector does it.
    async fn collect(config: &SdkConfig, source: &TableSource) -> Result<Collected, SourceError> {
        let accounts = Accounts(config.clone());
        let client = accounts
            .client(source.region.as_deref(), source.role.as_deref())
            .await;
        let live = Live::new(&client, source, run().date().0);
        let embedded = EmbeddedDynamo::memory().expect("a database").client();
        let ledger = DynamoLedger::new(embedded, "ledger");
        ledger.create_table().await.expect("the ledger is made");
        let objects = Objects::memory();
        let progress = Progress {
            ledger: Arc::new(ledger),
            objects: objects.clone(),
            clock: Arc::new(SystemClock),
            run: run(),
            generation: Generation(0),
            part: part("dynamodb.jobs"),
        };
        let means = dynamodb::Means {
            pages: &live,
            progress: &progress,
            timer: &RealTime,
            ends: None,
        };
        let folder = PartFolder::new(&objects, &progress.run, Generation(0), &progress.part);
        let answer = dynamodb::collect(source, &means, &folder).await;
        answer.map(|answer| answer.collected)
    }

    fn source(table: &str, region: Option<&str>, role: Option<&str>) -> TableSource {
        TableSource {
            table: table.to_owned(),
            region: region.map(str::to_owned),
            role: role.map(str::to_owned),
            ..TableSource::default()
        }
    }

    #[tokio::test]
    async fn a_role_reads_the_table_of_its_own_account_and_not_ours_of_the_same_name() {
        let Some(config) = config().await else { return };
        let (table, ours) = (fresh("jobs"), Client::new(&config));
        create(&ours, &table, "ours", 1).await;
        create(&of(&config, THEIRS, "us-east-1"), &table, "theirs", 3).await;
        create(&of(&config, THEIRS, "eu-west-1"), &table, "distant", 2).await;
        let role = format!("arn:aws:iam::{THEIRS}:role/quarterdeck-read");
        for (region, role, attribute, rows) in [
            (None, None, "ours", 1),
            (None, Some(role.as_str()), "theirs", 3),
            (Some("eu-west-1"), Some(role.as_str()), "distant", 2),
        ] {
            let source = source(&table, region, role);
            let collected = collect(&config, &source).await.expect("collected");
            assert_eq!(collected.state, SourceState::Ok, "{:?}", collected.reason);
            assert_eq!(collected.rows(), rows, "{attribute}");
            // Sorted, whichever comes first.
            let columns: BTreeSet<&str> = [attribute, "id"].into();
            assert!(collected.tables[0].columns.iter().eq(&columns), "{attribute}");
        }
        // What is only theirs is not found without the role, in the region where it is neither.
        let distant = collect(&config, &source(&table, Some("eu-west-1"), None)).await;
        assert_eq!(distant.expect("an answer").state, SourceState::Missing);
    }

    #[tokio::test]
    async fn a_role_that_may_not_be_assumed_is_named_as_the_reason() {
        let Some(config) = config().await else { return };
        let table = fresh("jobs");
        create(&Client::new(&config), &table, "ours", 1).await;
        // No role: STS refuses it.
        let role = format!("arn:aws:iam::{THEIRS}:user/nobody");
        let refused = collect(&config, &source(&table, None, Some(&role))).await;
        let Err(SourceError::Later(reason)) = refused else {
            panic!("our own table was read instead: {refused:?}");
        };
        assert!(
            reason.contains(&table) && reason.contains("Invalid RoleArn"),
            "{reason}"
        );
    }
}

mod values {
    use super::*;

    /// As many as two calls ask for.
    const NUMBERS: usize = 11;

    fn put(endpoint: &str, name: &str, kind: &str, value: &str) {
        let parameter = json!({"Name": name, "Type": kind, "Value": value});
        http::json(endpoint, "AmazonSSM.PutParameter", &parameter);
    }

    async fn account(config: &SdkConfig) -> Account {
        let key = Fingerprints::Key("a key".to_owned().into());
        Account::of(
            config,
            shared::cloud::https::connector(),
            Arc::new(SystemClock),
            key,
        )
        .expect("credentials and a region")
    }

    fn source<'a>(names: impl IntoIterator<Item = &'a String>) -> EnvironmentSource {
        let targets = names
            .into_iter()
            .enumerate()
            .map(|(n, name)| (format!("kpi.{n}"), ValueSource::Parameter(name.clone())));
        EnvironmentSource {
            targets: targets.collect(),
            ..EnvironmentSource::default()
        }
    }

    #[tokio::test]
    async fn values_are_read_and_what_is_missing_or_secret_is_unknown_with_the_reason() {
        let (Some(endpoint), Some(config)) = (super::super::endpoint(), config().await) else {
            return;
        };
        let prefix = format!("/{}", fresh("quarterdeck"));
        let mut expected = BTreeMap::new();
        for n in 0..NUMBERS {
            let (name, number) = (format!("{prefix}/v{n:02}"), format!("{}.50", n + 25_000));
            put(&endpoint, &name, "String", &number);
            expected.insert(name, number);
        }
        let (gone, key, text) = (
            format!("{prefix}/gone"),
            format!("{prefix}/key"),
            format!("{prefix}/text"),
        );
        put(&endpoint, &key, "SecureString", "4711");
        put(&endpoint, &text, "String", "25,000");
        expected.insert(gone, "is not there".into());
        expected.insert(
            key,
            "is a SecureString, and values are no secrets: store it as a String".into(),
        );
        expected.insert(
            text,
            "is no number: write digits and at most one point, such as 25000 or 1850.50".into(),
        );

        let (account, source) = (account(&config).await, source(expected.keys()));
        let means = environment::Means {
            variable: &|_| None,
            account: Some(&account),
        };
        let delivery = Delivery { received: 1 };
        let read = environment::read(&source, &means, delivery)
            .await
            .expect("answered");
        let said = read.into_iter().map(|(place, value)| {
            let value = value.map_or_else(|reason| reason, |number| number.to_string());
            (place.name().to_owned(), value)
        });
        assert_eq!(said.collect::<BTreeMap<_, _>>(), expected);

        let objects = Objects::memory();
        let environment = part("environment");
        let (run, generation) = (run(), Generation(0));
        let folder = PartFolder::new(&objects, &run, generation, &environment);
        let collected = environment::collect(&source, &means, &folder, delivery).await;
        let collected = collected.expect("collected");
        assert_eq!(
            (collected.state, collected.rows()),
            (SourceState::Ok, expected.len() as u64)
        );
        let reason = collected.reason.expect("some are unknown");
        assert!(reason.starts_with("3 of 14 values unknown: "), "{reason}");
    }
}

mod prefixes {
    use super::*;

    /// More than S3 lists at once: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html>.
    const FILES: usize = 1_050;

    #[tokio::test]
    async fn more_handoffs_than_a_page_of_the_listing_has_are_all_read() {
        let Some(endpoint) = super::super::endpoint() else {
            return;
        };
        let bucket = fresh("archive");
        http::request(&endpoint, "PUT", &format!("/{bucket}"));
        let store = Objects::s3(&bucket, shared::cloud::https::connector())
            .expect("opened")
            .store();
        let put = async |name: String, text: String| {
            let (path, bytes) = (Path::from(name), text.into_bytes());
            store.put(&path, bytes.into()).await.expect("put");
        };
        for n in 0..FILES {
            // Some of them in a folder below, and one page's end in either.
            let folder = if n % 2 == 0 { "handoffs" } else { "handoffs/jada" };
            let name = format!("inputs/harbor/{folder}/jada-{n:04}.md");
            put(
                name,
                format!("---\nentity: jada\nupdated: 2026-11-19\n---\n# File {n}\n"),
            )
            .await;
        }
        // Neither is one of them.
        put("inputs/harbor/handoffs-old/jada.md".into(), "# old\n".into()).await;
        put("inputs/other/handoffs/jada.md".into(), "# other\n".into()).await;
        let page = http::request(
            &endpoint,
            "GET",
            &format!("/{bucket}?list-type=2&prefix=inputs/harbor/handoffs/"),
        );
        assert!(
            page.contains("<IsTruncated>true</IsTruncated>"),
            "one page has them all, and this shows nothing"
        );

        let inputs = PrefixStore::new(Arc::clone(&store) as Arc<dyn ObjectStore>, "inputs/harbor");
        let bundle = Bundle::read(&tests::root().join("examples/harbor")).expect("read");
        let portfolio = Portfolio::parse(&bundle).expect("harbor has no problem");
        let source = HandoffSource {
            path: "handoffs".into(),
            stale_after_days: 90,
        };
        let (objects, of, run) = (Objects::memory(), part("handoffs"), run());
        let folder = PartFolder::new(&objects, &run, Generation(0), &of);
        let collected = handoffs::collect(
            &source,
            &portfolio,
            run.date().0,
            &inputs,
            &folder,
            Delivery { received: 1 },
        );
        let collected = collected.await.expect("collected");
        assert_eq!((collected.state, &collected.reason), (SourceState::Ok, &None));
        let rows = |table: &str| -> u64 {
            let found = collected.tables.iter().find(|found| found.table == table);
            let files = &found.expect("written").files;
            files.iter().map(|file| file.rows).sum()
        };
        assert_eq!(rows("handoff_document"), FILES as u64);
        assert_eq!(rows("handoff_section"), FILES as u64, "each has one heading");
        assert_eq!(rows("handoff_lint"), 0, "nothing else is below the prefix");
    }
}
