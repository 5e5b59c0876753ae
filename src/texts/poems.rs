//! Short Chinese verse: lines of two words or three, the even ones in rhyme.
//!
//! A line of five characters is a thing seen and what it does (2 + 3), one of seven has a word between them (2 + 2 + 3),
//! as in the regulated verse of the Tang. Tones are not minded.

use super::Dice;

/// Poems of a text; about 100 kB.
const POEMS: usize = 1_000;

/// What is seen; the first one begins every third poem.
#[rustfmt::skip]
const SEEN: [&str; 44] = [
    "春江", "明月", "青山", "白云", "秋风", "春风", "落花", "飞花", "夜雨", "江水", "流水",
    "孤舟", "远山", "寒烟", "夕阳", "古寺", "长河", "高楼", "柳色", "芳草", "清泉", "归雁",
    "故人", "游子", "渔舟", "钟声", "竹林", "梅花", "桃花", "杨柳", "沙洲", "江楼", "月色",
    "海潮", "烟波", "细雨", "江村", "晚霞", "野渡", "寒梅", "秋水", "春山", "东风", "江月",
];
/// How it is.
#[rustfmt::skip]
const MANNER: [&str; 22] = [
    "悠悠", "茫茫", "渺渺", "夜夜", "年年", "处处", "漫漫", "依依", "寂寂", "萧萧", "一片",
    "千里", "万里", "无声", "如雪", "似水", "初上", "不语", "又见", "几度", "今夜", "昨夜",
];
/// What it does, in six rhymes.
#[rustfmt::skip]
const RHYMED: [&[&str]; 6] = [
    &[
        "照高楼", "入江流", "下汀洲", "满江楼", "使人愁", "又一秋", "送孤舟",
        "水东流", "上心头", "意悠悠", "暮云收", "忆旧游", "月如钩", "到沧洲",
    ],
    &[
        "照关山", "待君还", "暮生寒", "有无间", "过前川", "又一年", "水连天",
        "客未眠", "隔寒烟", "落日边", "送归船", "白云间", "人未还", "绕青山",
    ],
    &[
        "月初明", "水自清", "无限情", "听雨声", "满江城", "共潮生", "与云平",
        "伴君行", "照空城", "雨初晴", "草青青", "数峰青", "一灯明", "不知名",
    ],
    &[
        "入梦来", "次第开", "独登台", "几时回", "暮潮回", "酒一杯", "上楼台",
        "向晚开", "雁飞来", "燕归来", "踏月来", "满苍苔", "共徘徊", "去复来",
    ],
    &[
        "起秋风", "夕阳中", "满山红", "水映空", "月出东", "隔江钟", "入梦中",
        "笑春风", "一笛风", "倚晴空", "细雨中", "晚来风", "万里空", "各西东",
    ],
    &[
        "落谁家", "伴落花", "宿寒沙", "映晚霞", "满天涯", "日西斜", "客思家",
        "半江花", "野人家", "煮新茶", "在天涯", "隔窗纱", "暮啼鸦", "到谁家",
    ],
];
/// What it does in the lines between, where nothing rhymes.
#[rustfmt::skip]
const UNRHYMED: [&str; 24] = [
    "人独立", "千里月", "花下酒", "风吹雨", "山外雪", "云外路", "山下路", "归思切",
    "无人语", "听流水", "天欲暮", "江上客", "孤帆远", "帘外雨", "灯下影", "闻夜笛",
    "寻旧路", "凭栏久", "相思苦", "长亭柳", "秋色里", "知我意", "无尽处", "鱼龙夜",
];
/// Titles of one word.
#[rustfmt::skip]
const TITLES: [&str; 16] = [
    "送别", "秋思", "江上", "月夜", "山中", "登楼", "春日", "春晓",
    "寄远", "渔父", "夜泊", "题画", "江村", "忆江南", "早发", "听雨",
];
/// What a title adds to something seen.
const OCCASIONS: [&str; 8] = ["夜", "曲", "晚望", "送别", "夜泊", "雨后", "行", "即事"];

/// One of `words` that shares no character with what was `used`.
fn fresh(dice: &mut Dice, words: &[&'static str], used: &str) -> &'static str {
    // No list is ever used up by a poem; where chance will not have it, a character comes twice.
    let mut word = dice.pick(words);
    for _ in 0..20 {
        if !word.chars().any(|c| used.contains(c)) {
            break;
        }
        word = dice.pick(words);
    }
    word
}

fn poem(dice: &mut Dice) -> String {
    let of_river = dice.chance(1, 3);
    let mut out = String::new();
    let subject = if of_river { SEEN[0] } else { dice.pick(&SEEN) };
    out.push_str(&if of_river || dice.chance(1, 2) {
        subject.to_owned() + dice.pick(&OCCASIONS)
    } else {
        dice.pick(&TITLES).to_owned()
    });
    out.push('\n');
    let lines = if dice.chance(1, 6) { 8 } else { 4 };
    let (seven, rhyme) = (dice.chance(1, 2), dice.pick(&RHYMED));
    let mut used = String::new();
    for line in 0..lines {
        let seen = if line == 0 && of_river { SEEN[0] } else { fresh(dice, &SEEN, &used) };
        used.push_str(seen);
        out.push_str(seen);
        if seven {
            let manner = fresh(dice, &MANNER, &used);
            used.push_str(manner);
            out.push_str(manner);
        }
        // the first line may rhyme, too
        let rhymes = line % 2 == 1 || line == 0 && dice.chance(1, 2);
        let does = fresh(dice, if rhymes { rhyme } else { &UNRHYMED }, &used);
        used.push_str(does);
        out.push_str(does);
        out.push('\n');
    }
    out
}

/// Poems, each behind its title, parted by blank lines.
pub(super) fn poems(dice: &mut Dice) -> String {
    (0..POEMS).map(|_| poem(dice)).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::super::make;
    use std::collections::BTreeSet;

    #[test]
    fn poems_are_lines_of_five_or_seven_characters() {
        let text = make("poems", 1).unwrap();
        assert!((90_000..120_000).contains(&text.len()), "{} bytes", text.len());
        assert!(text.matches("春江").count() > 300, "春江 {} times", text.matches("春江").count());
        let characters: BTreeSet<char> = text.chars().collect();
        assert!((150..400).contains(&characters.len()), "{} characters", characters.len());
        let poems: Vec<&str> = text.split("\n\n").collect();
        assert_eq!(poems.iter().collect::<BTreeSet<_>>().len(), super::POEMS, "none twice");
        for poem in poems {
            let lengths: Vec<usize> = poem.lines().map(|l| l.chars().count()).collect();
            assert!((2..=5).contains(&lengths[0]) && [5, 9].contains(&lengths.len()), "{poem}");
            assert!([5, 7].contains(&lengths[1]) && lengths[1..].iter().all(|l| *l == lengths[1]), "{poem}");
            let rhyme = |line: &str| super::RHYMED.iter().position(|r| r.iter().any(|tail| line.ends_with(tail)));
            let even: Vec<_> = poem.lines().skip(2).step_by(2).map(rhyme).collect();
            assert!(even[0].is_some() && even.iter().all(|r| *r == even[0]), "{poem}");
        }
    }
}
