//! The plots of the small stories, in the language of [`super::stories`].
//!
//! About a child: `name`, `he`, `him`, `his`, `himself`, `child`, `elder` (`ehe`, `ehim`, `ehis`), `end`. About an
//! animal: `pal` the `friend`, `phe`, `phim`, `phis`, `phome`, `pfood`, `says`, `pend`. Another animal: the `other`,
//! `ohome`, `ofood`. And `place`, `at`, `sight`, `thing`, `color`, `treat`, `treats`, `small`, `good`, `day`, `evening`,
//! `once`.

/// One story each.
pub(super) const PLOTS: &[&str] = &[
    // something is lost
    "{Once} {a small} {child} [called|named] {name}. {Name} had {a color} {thing}, and {he} [loved it very much|took \
     it everywhere|liked it more than anything else in the world].\n\
     {Day}, {name} played {at} with the {thing}. {He} [ran and jumped|sang and danced|ran in circles] until {he} was \
     tired, and then {he} [lay down and slept|fell asleep in the shade|closed {his} eyes for a while]. When {he} woke \
     up, the {thing} was [gone|not there any more|nowhere to be seen]. {Name} looked [under a bush|behind a big \
     stone|in the tall grass] and [behind the trees|under the leaves|next to the path], but {he} could not find it. \
     [{He} sat down and began to cry.|A big tear ran down {his} cheek.|{He} felt very sad.]\n\
     Then {a friend} came by. \"Why are you [so sad|crying]?\" asked the {friend}. \"I have lost my {thing},\" said \
     {name}. \"[Do not worry|Do not cry|Dry your tears],\" {says} the {friend}. \"[I will help you look for it|We \
     will look for it together|Four eyes see more than two].\" They looked [high and low|everywhere|for a long time]. \
     [At last|Suddenly|Just before dark], the {friend} saw something {color} [in the branches of a tree|under a pile \
     of leaves|between two stones]. It was the {thing}! \"[Thank you|Oh, thank you|You found it]!\" cried {name}, and \
     {he} [gave the {friend} a big hug|jumped for joy|laughed out loud]. [From that day on|After that|Ever since \
     then], {name} and the {friend} were [good friends|the best of friends]. {End}",
    // somebody is stuck
    "{Day}, {a good} {child} [called|named] {name} went to {place}. [The sun was warm and the birds were singing.|The \
     air smelled of flowers.|A soft wind was blowing.] {Name} was looking at {sight} when {he} heard a small voice. \
     \"Help! [Please help me!|I am stuck!|I cannot get out!]\"\n\
     It was {a small} {friend}. [One of {phis} feet was caught between two roots.|{Phe} was caught in a thorny \
     bush.|{Phe} had fallen into a deep hole.] \"[Hold still|Do not be afraid|Wait, little one],\" said {name}. {He} \
     [pulled and pulled|worked slowly and gently|worked for a long time], and [at last|then, all at once,|in the end] \
     the {friend} was free. \"Thank you,\" said the {friend}. \"My name is {pal}. [One day I will help you, too|I \
     will not forget this|You are very kind].\"\n\
     [A week later|The next day|Some days later], {name} [lost {his} way|could not find the way home] in the \
     [fog|dark|rain]. \"[Where am I?|Which way is home?|What shall I do now?]\" {he} asked. Then {he} heard a voice \
     {he} knew. \"Follow me,\" {says} {pal}. \"I know [every path|every tree|the way].\" And {pal} led {name} all the \
     way home. \"[Now you have helped me|You are a true friend|You did not forget],\" said {name}, and {he} gave \
     {pal} [some {pfood}|a whole plate of {pfood}]. {End}",
    // afraid of the dark
    "{Once} {a small} {friend} [called|named] {pal}. {Pal} was [brave all day long|not afraid of the wind or the \
     rain|happy as long as the sun was up], but {phe} was afraid of the dark. When the sun went down, {phe} [hid in \
     {phis} {phome}|pulled the leaves over {phis} head|shut {phis} eyes].\n\
     {Day}, {pal} played {at} with {a other} and forgot the time. The sky turned [pink|red|purple], and then it was \
     night. \"[Oh no|Oh dear|Help]!\" {says} {pal}. \"It is so dark! I cannot go home.\" \"[Look up|Look at the \
     sky|Open your eyes],\" said the {other}. {Pal} looked up [slowly|with one eye|and held {phis} breath]. There \
     were [a thousand|more than a hundred|so many] stars, and a [big round|thin silver|bright yellow] moon. \"[How \
     beautiful|They are like little lamps|I never knew],\" said {pal}. \"If it were never dark, nobody could see the \
     stars,\" said the {other}.\n\
     They walked home side by side, and {pal} [counted the stars|sang a quiet song|was not afraid at all]. {Pend}",
    // sharing
    "{Day}, {name} sat {at} with a [basket|bag|box] full of {treats}. {His} {elder} had packed them for {him}. {Name} \
     was [just about to eat|very hungry and ready to eat] when {a friend} came along. \"[What do you have there|May I \
     have one|Is one of them for me]?\" asked the {friend}. \"[No|Go away|Not today],\" said {name}. \"They are all \
     mine.\"\n\
     The {friend} went away with [a sad face|{phis} head down|slow steps]. {Name} ate [one {treat}|two {treats}], and \
     then one more. But it was [no fun to eat alone|too quiet {at}|not as good as it should be]. \"[I was unkind|I \
     was not very nice|That was not right],\" said {name} to {himself}. So {he} [got up|took the {treats}] and went \
     to find the {friend}. [Under a tree|By the path|In a lonely corner] {he} found {phim}. \"I am sorry,\" said \
     {name}. \"[Let us share|Please take half of them|Half of them are for you].\"\n\
     They ate and [talked|laughed|told each other stories] until [the sun went down|all the {treats} were gone]. \
     \"[Tomorrow|The next time] I will bring {pfood},\" said the {friend}. [Shared {treats} taste best of all.|A \
     friend is better than a full basket.] {End}",
    // a seed
    "{Once} {a good} {child} [called|named] {name}. {Day}, {his} {elder} gave {him} a [small brown|tiny black|round \
     white] seed. \"[Take good care of it|Plant it and wait|Something lovely sleeps in it],\" {ehe} said.\n\
     {Name} made a hole [in the garden|behind the house|under the window] and put the seed into it. {He} [gave it \
     water|sang to it|told it a story] every [morning|evening]. On the first day, nothing happened. On the second \
     day, nothing happened. \"[Is it asleep?|Is it broken?|How long does it take?]\" asked {name}. \"[Be patient|Give \
     it time|Good things are slow],\" said {his} {elder}. It rained, and the sun shone, and it rained again. [After \
     two weeks|Many days later|Then, one morning], there was a [small|thin|tiny] green leaf. \"[Look, look|Come and \
     see|It is awake]!\" {name} [shouted|cried]. The leaf became a stem, and the stem grew [as tall as {name}|up to \
     the window|taller than the fence]. In summer it had a [big|bright|beautiful] [red|blue|yellow|white|pink|purple] \
     flower.\n\
     [Bees and butterflies came to see it.|All the neighbours came to look.|Even {a friend} came to smell it.] \"I \
     only had to wait,\" said {name}. {End}",
    // a birthday
    "[Tomorrow was a big day|It was nearly time for a party|There was a secret {at}]. {Pal} the {friend} had a \
     birthday, and nobody had baked a cake! \"[We must bake one|I know what to do|There is still time],\" said the \
     {other}. So the animals met in the [kitchen of the old house|middle of the night]. The hen brought [three \
     eggs|six white eggs|an egg]. The cow brought [milk|butter|cream]. The bees brought [honey|a pot of honey]. The \
     goose brought [flour|sugar and flour|a big spoon and some flour]. They [stirred and stirred|mixed it all in a \
     big bowl|sang as they worked]. Then the cake went into the oven.\n\
     But [the goose fell asleep|they began to dance|they talked and talked], and nobody looked at the oven. [Soon \
     there was smoke.|Then something smelled bad.|The cake turned black.] \"Oh no!\" cried the hen. \"Our cake is \
     [burnt|as black as night]!\" They were all very [sad|quiet].\n\
     The next morning {pal} came in. {Phe} saw the black cake, and {phe} saw the sad faces. Then {pal} began to \
     laugh. \"[You baked this for me?|Is this all for me?]\" {phe} said. \"[Then it is the best cake of all|I like \
     the middle part, and the middle is good|Nobody ever baked me a cake before].\" They cut off the black part and \
     put {pfood} on top, and it was [good|sweet|wonderful]. {Pend}",
    // a race
    "[All the animals said|Everybody knew] that the hare was the fastest {at}. \"[Nobody can catch me|I am as quick \
     as the wind|I always win],\" said the hare. {Pal} was only {a small} {friend}. \"[I would like to race you,|May \
     I try?|Let us see,]\" {says} {pal}. The hare laughed [for a long time|so much that the birds flew away|and \
     laughed]. \"[You are so small|Your legs are too short|You will be last]!\"\n\
     {Day}, they met at a big tree. \"One, two, three, go!\" [called|shouted] the owl. The hare was off like an \
     arrow. {Pal} went [step by step|slow and steady|as well as {phe} could]. [After a while|Half way along|Near the \
     end], the hare saw some [sweet clover|juicy carrots|ripe berries] beside the path. \"I have time for a bite,\" \
     said the hare, and ate, and then [fell asleep|lay down in the sun|had some more]. {Pal} [did not stop|kept \
     going|went on and on]. {Phe} passed the hare without a sound.\n\
     When the hare looked up, {pal} was already at the end of the path, and all the animals [cheered|clapped|sang]. \
     \"[Well done|You won|I was wrong],\" said the hare. \"[Next time I will not stop to eat.|You never gave up.|Will \
     you teach me?|May I be your friend?]\" {Pend}",
    // the moon in the pond
    "{Evening}, {pal} the {friend} came to the pond to drink. There was something round and bright in the water. \
     \"[The moon has fallen in|Oh dear, the moon is drowning|Somebody has lost the moon]!\" {says} {pal}. {Phe} ran \
     to tell the {other}. \"Come quickly! [We must save the moon!|The moon is in the pond!|We must pull it out!]\"\n\
     They took a [net|long stick|bucket] and [pulled and pulled|tried again and again|worked until they were wet]. \
     But each time they touched the moon, it broke into a hundred [little pieces|silver pieces|drops of light]. \
     \"[Now it is broken|Look what we have done|We are too late],\" said {pal} [sadly|with a sob]. Then [an old \
     owl|an old crow|a wise old toad] looked down [from a branch|at the two friends] and smiled. \"Look up,\" the old \
     one said. They looked up, and there was the moon, [safe in the sky|high above the trees|as round as ever].\n\
     \"[We saved it|It jumped back|It worked]!\" {says} {pal}. The old one did not say a word. {Pend}",
    // a journey
    "{Name} lived in a [valley|town|village] far from the sea. {Day}, {he} asked {his} {elder}, \"What does the sea \
     look like?\" \"[It is big and blue|It is never still|You must see it for yourself],\" said {his} {elder}. So \
     they packed [bread and cheese|a blanket and some {treats}|{a color} {thing} and some {treats}] and set out.\n\
     They went [over a hill|across a bridge|through a forest], and then [along a river|past a windmill|through a \
     field of corn]. \"Is that the sea?\" asked {name}. \"No, that is only [a lake|a pond|the sky],\" said {his} \
     {elder}. They went on. [{Name}'s feet were sore.|{Name} was tired and hungry.|It began to rain a little.] \"[Are \
     we there yet?|Is it still far?|How many more steps?]\" {he} asked. \"[Only one more hill|Just a little \
     further|Listen],\" said {his} {elder}.\n\
     And then {name} saw it. The sea was [bigger than all the fields at home|as wide as the sky|blue and green and \
     silver]. The waves said \"hush, hush\" all day long. {Name} [ran into the water|took off {his} shoes|stood still \
     and looked and looked]. {He} found a [white|pink|round] shell and put it [in {his} pocket|to {his} ear]. \"[Now \
     I can take the sea home|I can hear the sea in it|I want to stay for ever],\" {he} said. {End}",
    // a new friend
    "{Name} was new in the [village|town|street], and {he} did not know anybody. {Day}, {he} went to {place} all \
     alone. [The other children played with a ball.|Some children were flying kites.|Three children were building a \
     hut.] {Name} wanted to play, too, but {he} was [shy|too shy to ask|afraid they would say no]. {He} sat down and \
     looked at {sight}.\n\
     Then {a small} {friend} came and sat down next to {him}. \"[Are you alone?|Why are you so sad?|Why do you not \
     play?]\" asked the {friend}. \"[I have no friends here|They do not know me|I do not know what to say],\" said \
     {name}. The {friend} thought about it. \"[Say hello|Just say your name|A smile is a good start],\" {says} the \
     {friend}. \"[That is how it starts|It is only a small word|It always works for me].\"\n\
     So {name} took a deep breath, walked over and said, \"Hello. I am {name}.\" \"[Hello, {name}|Hi|Hello]!\" said \
     the others. \"[Do you want to play?|Can you catch?|Come and help us!]\" They played until [it was dark|their \
     mothers called them|supper]. [When {name} looked back|On the way home], the {friend} [waved|smiled|gave a little \
     nod]. {End}",
    // a wish
    "{Once} {a small} {friend} [called|named] {pal}. {Pal} had one big wish. {Phe} wanted to [fly like a bird|see the \
     whole world|touch a cloud]. Every evening {phe} sat {at} and looked at the sky. {Evening}, a star fell. \"[Make \
     a wish|Quick, wish for something],\" said the {other}. So {pal} shut {phis} eyes and wished.\n\
     In the morning [nothing was different|{phe} was still {a friend} on the ground]. {Pal} was [sad|a little sad]. \
     But then a [big white|kind old|large grey] goose came down from the sky. \"[I am on my way south|My wings are \
     strong|I have room on my back],\" said the goose. \"Would you like to come [for a ride|with me]?\" {Pal} \
     [climbed|jumped] up, and away they went! The trees were as small as [grass|flowers], and {place} was as small as \
     [a plate|a button|a leaf]. They went right through a cloud, and it was [cold and soft|wet and white]. \"[I can \
     see everything|It is so big and so beautiful|My wish came true]!\" {says} {pal}.\n\
     When they came back, the {other} asked, \"What was the best part?\" {Pal} thought for a [moment|long time]. \
     \"[Coming home to tell you|Seeing you wave|Seeing our home from up there],\" said {pal}. {Pend}",
    // a rainy day
    "It rained and rained. {Name} stood at the window and [sighed|looked at the drops|pressed {his} nose to the \
     glass]. \"There is nothing to do,\" {he} said. {His} {elder} came in with a big [brown|empty|old] box. \"[What \
     do you think this is|Do you know what this is]?\" {ehe} asked. \"It is only a box,\" said {name}. \"[Is it?|Look \
     again,|Are you sure?]\" said {his} {elder}.\n\
     {Name} looked at the box. {He} climbed in. And then it was not a box any more. It was a [ship on a wild \
     sea|rocket on its way to the moon|train in the mountains|castle with a high tower]! {Name} was the \
     [captain|ruler of it all|bravest of all]. [{A friend} came to visit|A whale swam by|A dragon looked in], and \
     {name} gave it [{a treat}|some tea|{his} {thing}]. [They fought a storm.|They found a treasure.|They sang songs \
     all day.] {His} {elder} came along, too, [with {a color} hat on {ehis} head|and made all the sounds|and held the \
     map].\n\
     \"[Supper is ready|It is time for bed|Look, the rain has stopped],\" {ehe} said [at last|after a long time]. \
     \"[Oh|Already]?\" said {name}. \"I hope it rains tomorrow, too.\" {End}",
    // a bird
    "{Day}, {name} found a [tiny|little] bird [under a tree|on the path|in the grass]. It had [fallen out of its \
     nest|hurt one wing|lost its mother]. \"[Poor little thing|You are so small|Do not be afraid],\" said {name}. \
     {He} looked up. The nest was [high up in the tree|far too high for {him}].\n\
     {Name} asked {pal} the {friend}. \"I cannot climb so high,\" {says} {pal}. {Name} asked the {other}. \"[I \
     cannot, either|It is too high for me],\" said the {other}. \"But [I can stand on your back|if we all help, we \
     can do it|together we are as tall as the tree].\" So the {other} stood on {name}, and {pal} stood on the \
     {other}, with the bird [on {phis} back|on {phis} head]. They [shook and shook|almost fell|held very still]. \"A \
     little more!\" called {name}. \"[Careful|Slowly|Do not look down]!\"\n\
     And then the bird was back in its nest. The old birds [sang their best song|flew three times around the \
     tree|thanked them all]. [All summer long|The next spring|Every morning after that], a small bird sat at {name}'s \
     window and sang. {End}",
    // the truth
    "{Name} was not allowed to play ball in the house. But {day}, {name} [forgot|thought nobody would see|did it all \
     the same]. The ball [flew across the room|hit the wall|jumped off the table], and [crash|bang|smash]! The \
     {color} [vase|cup|lamp] that {his} {elder} loved was broken. {Name}'s heart beat fast. [{He} hid the pieces \
     under the bed.|{He} put the pieces into a box.|{He} swept the pieces into a corner.]\n\
     \"What was that?\" asked {his} {elder}. \"[It was the cat|The wind did it|I do not know],\" said {name}, and \
     {his} face turned red. All day long {name} [felt bad|could not eat|had a stone in {his} stomach]. Even {his} \
     {thing} was no fun. In the evening {he} went to {his} {elder}. \"I did not tell the truth,\" said {name} in a \
     small voice. \"I broke it. I am sorry.\"\n\
     {His} {elder} was quiet for a moment. Then {ehe} took {name} in {ehis} arms. \"[Thank you for telling me|It \
     takes courage to tell the truth|A broken thing can be mended, and so can this],\" {ehe} said. They [glued|put] \
     the pieces together, one by one. It was not as pretty as before, but [they both liked it more|it could still \
     hold a flower|nobody minded]. {End}",
    // winter
    "It was winter. Snow lay on {place}, and the [wind was cold|pond was frozen|nights were long]. {Pal} the {friend} \
     sat in {phis} warm {phome} and had plenty of {pfood}. [Knock, knock!|Then somebody knocked.|There was a soft \
     knock.] It was the {other}. \"[I am so cold|My {ohome} is full of snow|I have nothing left to eat],\" said the \
     {other}. \"May I come in?\" \"[Of course|Come in, come in|Quick, before you freeze],\" {says} {pal}.\n\
     [A little later|Soon|The next night] there was another knock. It was [a family of mice|an old crow|two little \
     sparrows]. \"[Is there room for us|May we come in, too|It is so cold out here]?\" [they asked|asked a thin \
     voice]. \"[There is always room|We can move closer|The more, the warmer],\" said {pal}. And so it went on, until \
     the {phome} was [full to the roof|as full as an egg|so full that nobody could turn round].\n\
     They had [little to eat|only one blanket], but they [told stories|sang songs|played games] all winter long, and \
     they were as warm as toast. When spring came, {pal} said, \"[That was the best winter of my life|Come again when \
     it snows].\" [And when the first snow fell, they all came back.|{Pal} waved until they were out of sight.|They \
     hugged, and then they ran out into the sun.]",
    // trying again
    "{Name} wanted to learn to [whistle|ride a bicycle|juggle|stand on {his} hands|turn a cartwheel]. \"[It looks so \
     easy,|I can do that,|How hard can it be?]\" {he} said. {He} tried it {at}, and it did not work. {He} tried \
     again, and it did not work. \"I will never learn it!\" cried {name}, and {he} [threw {his} hat on the \
     ground|stamped {his} foot|sat down with a red face].\n\
     {A friend} had watched {him}. \"[Last year|Not long ago|Once], I could not [find {pfood}|swim|jump over a \
     ditch],\" said the {friend}. \"I tried [ten times|a hundred times|every day]. And do you know what happened \
     then?\" \"[You learned it|It worked|You did it]?\" asked {name}. \"No,\" said the {friend}. \"[Then I tried once \
     more|Then I had a rest and some {pfood}, and tried again].\" {Name} had to laugh.\n\
     So {he} got up and tried [once more|again], and then again. [On the next day|After a week|When the leaves turned \
     yellow], it [worked for a moment|almost worked], and then it really worked! \"[I did it!|Look at me!|Did you see \
     that?]\" {he} shouted. {End}",
    // a noise at night
    "In the middle of the night {name} heard a [strange|funny|loud] noise. [Scratch, scratch.|Thump, thump, \
     thump.|Tap, tap, tap.] \"[Is it a monster?|What is that?|Who is there?]\" whispered {name}, and pulled the \
     blanket up to {his} nose. [Scratch, scratch.|Thump, thump.|There it was again.] {Name} took a [spoon|shoe|book] \
     in one hand and a [lamp|candle] in the other. {He} [went down the stairs on tiptoe|opened the door very \
     slowly|looked under the bed].\n\
     There, in the light, sat {a small} {friend} with [big eyes|a piece of {treat} in its mouth|a very guilty face]. \
     \"[Please do not be angry|I did not want to wake you|You gave me a fright],\" {says} the {friend}. \"[It is so \
     cold outside, and I was hungry|I smelled the {treats}|I could not sleep].\" {Name} laughed [quietly|with \
     relief]. \"[I was afraid of you|I thought you were a monster]!\" {he} said. \"[And I was afraid of you|And I \
     thought you were one],\" said the {friend}.\n\
     They sat [on the kitchen floor|by the warm stove|side by side] and ate [{a treat}|some {treats}] together. \
     [Things are often smaller than they sound.|In the light, nothing was strange any more.] [Soon {name} was back in \
     bed, and the {friend} slept at {his} feet.|Then they both fell asleep, and there was no noise until morning.|And \
     ever since that night, there was {a treat} on the stairs for the {friend}.|\"Good night,\" said {name}. \"Come \
     to the front door next time.\"]",
    // a song
    "{Pal} the {friend} had a [lovely|soft|clear] voice, but {phe} sang only when nobody was there. \"[What if they \
     laugh|I am too shy|My song is too small],\" {phe} thought. {Day}, the animals [made a big feast|held a concert] \
     {at}. [The frogs played drums.|The crickets played the fiddle.|The goats danced on two legs.] {Pal} sat [behind \
     a tree|in the last row|under a leaf] and listened.\n\
     Then dark clouds came, and there was [thunder|a loud clap of thunder]. The {other}'s little ones began to cry. \
     Nobody knew what to do. Then, very softly, {pal} began to sing. {Phe} sang about [the sun behind the clouds|warm \
     {pfood}|the stars and {sight}]. The little ones [stopped crying|listened|came closer]. The thunder went \
     [on|away], but nobody heard it any more.\n\
     When the song was over, it was very quiet. Then everybody [clapped|cheered]. \"[Why did you never sing before?\" \
     asked the {other}. \"[I did not know that you would like it|I was afraid],|Will you sing again tomorrow?\" asked \
     the {other}. \"[Yes, I will|If you like],]\" said {pal}, and {phis} face was warm. {Pend}",
    // a present
    "It was the birthday of {name}'s {elder}, and {name} had no present. {He} had [only one coin|three small coins|no \
     money at all]. {Day}, {he} walked {at} and thought. [\"What does {ehe} like best?\"|\"A present must be \
     something good.\"] {He} met {a friend}. \"Give {ehim} {pfood},\" {says} the {friend}. \"[That is what I like \
     best|Everybody likes {pfood}].\" {He} met {a other}. \"Give {ehim} {ofood},\" said the {other}. \"[There is \
     nothing better|I would be happy with that].\"\n\
     {Name} shook {his} head. Then {he} [sat down|looked at {sight}] and had an idea. {He} took paper and [paints|a \
     pencil|{color} paint], and {he} painted [a picture of {place}|{sight}|the two of them {at}], with [a big \
     sun|birds in the sky|a small {friend} in the corner].\n\
     \"[This is for you|Happy birthday|I made it myself],\" said {name}. {His} {elder} looked at it for a long time. \
     \"[It is the best present of all|I will keep it for ever|Now I can be {at} every day],\" {ehe} said, and {ehe} \
     hung it [over the bed|on the wall|by the door]. {End}",
    // an open gate
    "{Name} lived on a farm with {his} {elder}. There was a [cow called Bess|pig called Otto|goose called Martha], \
     and there were [twelve hens|three ducks|seven sheep]. Every evening {name} had to shut the gate. {Day}, {name} \
     was [playing with {his} {thing}|reading a book|in a hurry], and {he} forgot the gate.\n\
     The next morning the yard was [empty|very quiet]. \"[Where are they?|They are all gone!|Oh no, the gate!]\" \
     cried {name}. {He} ran [down the road|across the field|to {place}]. [There were footprints in the mud.|There was \
     a feather on the path.|Far away {he} heard a bell.] {A small} {friend} sat on a stone. \"[They went that way|I \
     saw them run past|They are eating somebody's cabbages],\" {says} the {friend}. \"Will you help me?\" asked \
     {name}. \"[Of course|Yes|I like to run],\" said the {friend}.\n\
     {Name} went to the left, and the {friend} went to the right. [Step by step|Little by little|With a lot of \
     noise], they drove the animals home. {Name} counted them [twice|three times]. They were all there. \"I will \
     never forget the gate again,\" {he} said. {End}",
];
