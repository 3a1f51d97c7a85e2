//! Real data: 14,938 hotel reservations as the rental's table, unchanged (Antonio, de Almeida, Nunes, *Hotel booking demand
//! datasets*, Data in Brief 22, 2019, CC BY 4.0). The file is not part of the repository; where it is absent, only these
//! tests have nothing to read and say so.

use std::{collections::BTreeMap, path::PathBuf, sync::OnceLock};

use rust_decimal::Decimal;
use serde_json::Value;
use tests::{copy_folder, quarterdeck, root};

const DATE: &str = "2017-08-31";

struct Hotel {
    folder: tempfile::TempDir,
    data: PathBuf,
}

impl Hotel {
    fn portfolio(&self) -> String {
        self.folder.path().join("hotel").display().to_string()
    }
    fn out(&self) -> String {
        self.folder.path().join("out").display().to_string()
    }
    fn query(&self, sql: &str) -> Vec<Value> {
        let (code, said, errors) = quarterdeck(&[
            "query",
            &self.portfolio(),
            sql,
            "--date",
            DATE,
            "--out",
            &self.out(),
            "--json",
        ]);
        assert_eq!(code, 0, "{errors}");
        serde_json::from_str(&said).unwrap()
    }
    /// The rows of the file, by column.
    fn rows(&self) -> Vec<BTreeMap<String, String>> {
        csv::Reader::from_path(&self.data)
            .unwrap()
            .deserialize()
            .map(Result::unwrap)
            .collect()
    }
}

fn hotel() -> Option<&'static Hotel> {
    static HOTEL: OnceLock<Option<Hotel>> = OnceLock::new();
    let hotel = HOTEL.get_or_init(|| {
        let data = root().join("../shared/data/hotel_bookings.csv");
        if !data.is_file() {
            return None;
        }
        let folder = tempfile::tempdir().unwrap();
        let portfolio = folder.path().join("hotel");
        copy_folder(&root().join("tests/fixtures/hotel"), &portfolio);
        std::fs::create_dir_all(portfolio.join("tables")).unwrap();
        std::fs::copy(&data, portfolio.join("tables/rental-reservations.csv")).unwrap();
        let hotel = Hotel { folder, data };
        let (code, said, errors) =
            quarterdeck(&["run", &hotel.portfolio(), "--date", DATE, "--out", &hotel.out()]);
        assert_eq!(code, 0, "{said}{errors}");
        Some(hotel)
    });
    if hotel.is_none() {
        eprintln!("skipped: ../shared/data/hotel_bookings.csv is not there");
    }
    hotel.as_ref()
}

#[test]
fn the_known_totals_come_out_of_the_rental_kpis() {
    let Some(hotel) = hotel() else { return };
    let path = hotel.folder.path().join("out").join(DATE).join("analysis.json");
    let analysis: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let kpi = |id: &str| {
        let kpis = analysis["kpis"].as_array().unwrap();
        let found = kpis.iter().find(|k| k["id"] == id && k["entity"] == "rental");
        found.unwrap_or_else(|| panic!("no KPI {id}@rental"))["value"].clone()
    };
    assert_eq!(kpi("rental.reservations"), 14_938);
    assert_eq!(kpi("rental.checked_out"), 6_938);
    assert_eq!(kpi("rental.nights_sold"), 26_454);
    assert_eq!(kpi("rental.room_revenue")["minor"], 232_911_686);
    assert_eq!(kpi("rental.adr")["minor"], 8_804);
}

#[test]
fn revenue_by_month_and_hotel_agrees_with_plain_code_to_the_cent() {
    let Some(hotel) = hotel() else { return };
    let mut plain: BTreeMap<(String, String), Decimal> = BTreeMap::new();
    for row in hotel
        .rows()
        .iter()
        .filter(|r| r["reservation_status"] == "Check-Out")
    {
        let nights: i64 = ["stays_in_weekend_nights", "stays_in_week_nights"]
            .iter()
            .map(|c| row[*c].parse::<i64>().unwrap())
            .sum();
        let months = [
            "January",
            "February",
            "March",
            "April",
            "May",
            "June",
            "July",
            "August",
            "September",
            "October",
            "November",
            "December",
        ];
        let month = months
            .iter()
            .position(|m| *m == row["arrival_date_month"])
            .unwrap()
            + 1;
        let key = (
            format!("{}-{month:02}", row["arrival_date_year"]),
            row["hotel"].clone(),
        );
        *plain.entry(key).or_default() += row["adr"].parse::<Decimal>().unwrap() * Decimal::from(nights);
    }
    let sql = "select substr(cast(service_from as varchar), 1, 7) as month, segment as hotel, \
               cast(sum(gross) as varchar) as revenue \
               from bookings where status = 'completed' group by 1, 2";
    let mut queried = BTreeMap::new();
    for row in hotel.query(sql) {
        let text = |c: &str| row[c].as_str().unwrap().to_owned();
        queried.insert(
            (text("month"), text("hotel")),
            text("revenue").parse::<Decimal>().unwrap().normalize(),
        );
    }
    let plain: BTreeMap<_, _> = plain.into_iter().map(|(k, v)| (k, v.normalize())).collect();
    assert!(plain.len() > 20, "{}", plain.len());
    assert_eq!(queried, plain);
}

#[test]
fn the_cancel_rate_by_channel_agrees_with_plain_code() {
    let Some(hotel) = hotel() else { return };
    let mut plain: BTreeMap<String, (i64, i64)> = BTreeMap::new();
    for row in hotel.rows() {
        let entry = plain.entry(row["distribution_channel"].clone()).or_default();
        entry.0 += i64::from(row["reservation_status"] == "Canceled");
        entry.1 += 1;
    }
    let sql = "select channel, sum(case when status = 'cancelled' then 1 else 0 end) as cancelled, count(*) as n \
               from bookings group by channel";
    let mut queried = BTreeMap::new();
    for row in hotel.query(sql) {
        let count = |c: &str| row[c].as_i64().unwrap();
        queried.insert(
            row["channel"].as_str().unwrap().to_owned(),
            (count("cancelled"), count("n")),
        );
    }
    assert_eq!(queried, plain);
}
