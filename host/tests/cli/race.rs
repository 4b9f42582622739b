//! `race`: schedules by what they cost.

use super::Desk;

#[test]
fn a_race_tells_what_every_schedule_cost() {
    let desk = Desk::new();
    let printed = desk.print(
        "race --instances 1 --ranks 2 --starts 1 --rule growing(0.2,1.2,1.3,3) \
         --json r.json --plot r.svg",
    );
    for part in ["## Fresh problems", "| cost, hals = 1 |", "## Real matrices", "| E-A-HALS |"] {
        assert!(printed.contains(part), "{part}: {printed}");
    }
    assert!(printed.contains("| cost, growing(0.2, 1.2, 1.3, 3) = 1 |"), "{printed}");
    let record: serde_json::Value =
        serde_json::from_slice(&std::fs::read(desk.path("r.json")).unwrap()).unwrap();
    let contenders = record["contenders"].as_array().unwrap();
    assert_eq!(contenders[0], "schedule");
    let groups = record["groups"].as_array().unwrap();
    assert_eq!(groups.len(), 12 + 1, "twelve families and the digits with one rank");
    for group in groups {
        let costs = group["costs"].as_array().unwrap();
        assert_eq!(costs.len(), contenders.len());
        for cost in costs.iter().flat_map(|it| it[0].as_array().unwrap()) {
            let cost = cost.as_f64().unwrap();
            assert!(cost > 0.0 && cost <= 100.0, "{group}");
        }
    }
    assert!(std::fs::read_to_string(desk.path("r.svg")).unwrap().contains("share of V"));
}

#[test]
fn a_part_of_a_race() {
    let desk = Desk::new();
    let printed = desk.print(
        "race --instances 1 --family 40x30* --family 96x24* --only schedule --only oracle* \
         --oracle --json r.json",
    );
    assert!(printed.contains("| oracle(6) |") && !printed.contains("Real matrices"), "{printed}");
    let record: serde_json::Value =
        serde_json::from_slice(&std::fs::read(desk.path("r.json")).unwrap()).unwrap();
    let contenders = record["contenders"].as_array().unwrap();
    assert_eq!(contenders, &["schedule", "oracle(0)", "oracle(6)"]);
    let groups = record["groups"].as_array().unwrap();
    let names: Vec<_> = groups.iter().map(|it| it["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["40x30 r4 planted 0", "96x24 r4 blocks 0.6"]);
}

#[test]
fn a_race_tells_what_its_picture_leaves_out() {
    let desk = Desk::new();
    let told = |families: &str| {
        let line =
            format!("race --instances 1 {families} --only schedule --only hals --plot r.svg");
        let output = desk.run(&line);
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stderr).unwrap()
    };
    let three = told("--family 40x30* --family 96x24* --family 100x80*spectrum*");
    assert!(three.starts_with("the picture shows 2 of 3 groups of problems, 100x80 r6"), "{three}");
    assert!(three.contains(" and 2 of 2 contenders; --family and --only choose"), "{three}");
    assert_eq!(told("--family 100x80*spectrum*"), "", "one of the usual groups");
    let picture = std::fs::read_to_string(desk.path("r.svg")).unwrap();
    assert_eq!(picture.matches("100x80").count(), 1, "once");
}

#[test]
fn a_race_that_cannot_be_is_refused() {
    let desk = Desk::new();
    desk.put("p.tnmf", "no policy");
    let refused = [
        ("race --policy p.tnmf", "name a policy of schedules"),
        ("race --policy nowhere.tnmf", "nowhere.tnmf"),
        ("race --rule newton", "there is no such rule"),
        ("race --rule learned", "needs no policy"),
        ("race --tune 2 --rule hals", "cannot be used with"),
        ("race --data nowhere", "nowhere"),
        ("race --plot r.bmp", "r.bmp"),
        ("race --family 9x9*", "nothing is called '9x9*'; there are: 40x30 r4 planted 0; 64x48"),
        ("race --only newton", "nothing is called 'newton'; there are: schedule; growing"),
        ("race --only [", "--only <GLOB>"),
        ("race --quick --instances 3", "cannot be used with"),
        ("race --given --oracle", "cannot be used with"),
        ("race --policy p.tnmf --json p.tnmf", "p.tnmf"),
    ];
    for (line, part) in refused {
        let refusal = desk.refusal(line);
        assert!(refusal.contains(part), "{line}: {refusal}");
        assert_eq!(desk.files("."), ["p.tnmf"], "{line}");
    }
}
