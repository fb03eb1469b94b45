#!/bin/sh
# Exports of Telegram, Discord, Slack, WhatsApp, LINE, KakaoTalk, Feishu, DingTalk, Matrix, IRC and Zulip,
# and of shops and payment services: what the samples hold, what their descriptions say beyond them,
# and damaged files.
. tests/lib.sh
export QUN_TZ=Asia/Shanghai
S=$QUN_SHARED/samples
D=$QUN_SHARED/data
events=$QUN_BUILD/tests/events

# --- the samples -----------------------------------------------------------------------------------

chats="telegram/result_single.json telegram/result_old_badescape.json discord/dce.csv slack/
whatsapp/_chat_android_en.txt whatsapp/_chat_ios_zh.txt line/line_zh.txt kakaotalk/kakaotalk.csv
feishu/im_messages.json dingtalk/robot_messages.ndjson matrix/export.json"
orders="kuaituantuan.csv jd_orders.csv wechat_pay_bill.csv woocommerce_suite.csv stripe_payments.csv"

# Columns: 1 time 2 group 3 user 4 name 5 type 6 ref 7 source 8 amount 9 order 10 product 11 id 12 text
counts() { # records, messages by people, senders, joins, leaves
	"$events" "$1" | awk -F '\t' '
		$1 == "counts" { print $2 "\t" said + 0 "\t" people + 0 "\t" joins + 0 "\t" leaves + 0; next }
		($5 == "message" || ($5 == "redpacket" && $7 == "sent")) && $3 != "" { said++; if (!seen[$3]++) people++ }
		$5 == "join" { joins++ }
		$5 == "leave" { leaves++ }'
}
paid() { # orders and refunds
	"$events" "$1" | awk -F '\t' '$5 == "order" && !seen[$3, $9]++ { n++ } $5 == "refund" { r++ } END { print n + 0, r + 0 }'
}
if [ -r "$S/EXPECTED.tsv" ]; then
	for f in $chats; do
		is "$f holds what EXPECTED.tsv says" \
			"$(awk -F '\t' -v OFS='\t' -v f="$f" '$1 == f { print $2, $3, $4, $5, $6 }' "$S/EXPECTED.tsv")" \
			"$(counts "$S/$f")"
	done
	for f in irc/irssi.log irc/weechat.log; do # messages are not counted there
		is "$f holds what EXPECTED.tsv says" \
			"$(awk -F '\t' -v f="$f" '$1 == f { print $2, $5, $6 }' "$S/EXPECTED.tsv")" \
			"$(counts "$S/$f" | awk '{ print $1, $4, $5 }')"
		is "$f: 26 lines by 9 people" "26 9" "$(counts "$S/$f" | awk '{ print $2, $3 }')"
	done
	# 2 of 12 failed, 1 was refunded; a bill has no state but money given back in it
	is "kuaituantuan: 18 paid, 3 refunded" "18 3" "$(paid "$S/orders/kuaituantuan.csv")"
	is "jd: 12 orders on 14 rows" "12 0" "$(paid "$S/orders/jd_orders.csv")"
	is "wechat_pay_bill: 14 orders, one less" "14 1" "$(paid "$S/orders/wechat_pay_bill.csv")"
	is "woocommerce: 10 of 12 paid" "10 1" "$(paid "$S/orders/woocommerce_suite.csv")"
	is "stripe: 10 of 12 paid" "10 1" "$(paid "$S/orders/stripe_payments.csv")"
	is "kuaituantuan: numbers start again, orders do not" "15,8933.40" \
		"$(repurchase --columns orders,net "$S/orders/kuaituantuan.csv" 2>/dev/null | tail -n 1)"
	is "jd: the amount of an order counts once" "12,8660.40" \
		"$(repurchase --columns orders,net "$S/orders/jd_orders.csv" 2>/dev/null | tail -n 1)"
	says "qunjielong's summary has no times" "has no times.*--set ts=" "repurchase $S/orders/qunjielong_summary.csv"
	is "qunjielong's summary with a time of all" "10" \
		"$(repurchase --set ts=2026-03-20 --columns orders "$S/orders/qunjielong_summary.csv" 2>/dev/null | tail -n 1)"
	says "weidian names no buyer" "no column is known to hold 'user'" "repurchase $S/orders/weidian_unverified.csv"
	is "weidian: 12 orders, 2 not paid, 1 refunded" "9" \
		"$(repurchase --set user=x --columns orders "$S/orders/weidian_unverified.csv" 2>/dev/null | tail -n 1)"
	is "stripe's times are in UTC" "2026-03-03T08:00:00+08:00 cus_10010002" \
		"$("$events" "$S/orders/stripe_payments.csv" | awk -F '\t' 'NR == 1 { print $1, $3 }')"
	is "names that hold a comma or a separator stay whole" "Tom, Jr. 小雨\"不吃辣\" 张三、张姐" \
		"$("$events" "$S/whatsapp/_chat_android_en.txt" | awk -F '\t' '$5 == "join" && $4 ~ /Tom|雨|张/ { print $4 }' | LC_ALL=C sort | tr '\n' ' ' | sed 's/ $//')"
	is "Telegram's members lead to ids" "user500000005<user500000002 user500000011<user500000001" \
		"$("$events" "$S/telegram/result_single.json" | awk -F '\t' '$4 == "Tom, Jr." && $5 == "join" || $5 == "leave" && $7 == "removed" { print $3 "<" $6 }' | tr '\n' ' ' | sed 's/ $//')"
	is "Slack's names come from users.json" "3栋王芳" \
		"$("$events" "$S/slack" | awk -F '\t' '$3 == "U0WF00002" { print $4 }' | sort -u)"
else
	skip "sample exports" "$S is not there"
fi

# A real workspace. A shared file is a message here; the reference counts plain ones only.
if [ -r "$D/slack_export/users.json" ]; then
	E=$D/slack_export
	"$events" "$E/users.json" $(ls -d "$E"/*/ | grep -v reference) >"$scratch/slack"
	is "a real Slack export: joins and leaves by channel" "$(tail -n +2 "$E/reference/channel_joins_leaves.csv" | cut -d, -f1,2,5 | LC_ALL=C sort)" \
		"$(awk -F '\t' -v OFS=, '$1 == "counts" { next } { seen[$2] } $5 == "join" { j[$2]++ } $5 == "leave" { l[$2]++ }
			END { for (c in seen) print c, j[c] + 0, l[c] + 0 }' "$scratch/slack" | LC_ALL=C sort)"
	is "a real Slack export: invited by whom" "$(tail -n +2 "$E/reference/invites_by_inviter.csv" | cut -d, -f1,2 | LC_ALL=C sort)" \
		"$(awk -F '\t' -v OFS=, '$5 == "join" && $6 != "" { n[$6]++ } END { for (u in n) print u, n[u] }' "$scratch/slack" | LC_ALL=C sort)"
	is "a real Slack export: all records" "counts 1382 1382 0 0 0" "$(tail -n 1 "$scratch/slack" | tr '\t' ' ')"
else
	skip "a real Slack export" "$D/slack_export is not there"
fi
if [ -r "$D/lean_zulip_json/flt.json" ]; then
	is "a Zulip archive" "2469 2469 113 0 0" "$(counts "$D/lean_zulip_json/flt.json" | tr '\t' ' ')"
else
	skip "a Zulip archive" "$D/lean_zulip_json is not there"
fi

# --- what the descriptions say ---------------------------------------------------------------------

# Time of day, group, user (a name at its group), type, other person, way; in order of time.
told() { "$events" "$1" 2>&1 | tr '\037' '@' |
	awk -F '\t' '{ print $1 == "bad" || NF < 7 ? $0 : substr($1, 6, 14) " " $2 " " $3 " " $5 " " $6 " " $7 }' |
	sed 's/ *$//' | grep -v '^counts' | LC_ALL=C sort; }
holds() { # NAME FILE, expected lines on stdin
	is "$1" "$(cat)" "$(told "$scratch/$2")"
}
bought() { # NAME FILE: time, user, type, order, product and the net of all on stdin
	is "$1" "$(cat)" "$("$events" "$scratch/$2" 2>&1 | tr '\037' '@' | awk -F '\t' '$1 == "bad" || NF < 7 { if ($1 != "counts") print; next }
		{ print substr($1, 1, 19) " " $3 " " $5 " " $9 " " $10 }' | sed 's/ *$//' | LC_ALL=C sort
		repurchase --columns orders,gmv,net "$scratch/$2" 2>&1 | tail -n 1)"
}

cat >"$scratch/account.json" <<'T'
{"about": "Here is the data you requested.", "personal_information": {"user_id": 1},
 "contacts": {"list": [{"user_id": 5, "first_name": "A", "date": "2020-01-01T00:00:00", "date_unixtime": "1577836800"}]},
 "chats": {"list": [
  {"name": "G1", "type": "private_group", "id": 111, "messages": [
   {"id": 1, "type": "service", "date": "2026-03-02T09:00:01", "date_unixtime": "1772413201", "actor": "Ann", "actor_id": "user1",
    "action": "create_group", "members": ["Ann", "Bob"], "text": ""},
   {"id": 2, "type": "message", "date": "2026-03-02T09:01:01", "date_unixtime": "1772413261", "from": "Bob", "from_id": "user2",
    "text": [{"type": "custom_emoji", "text": "x",
     "document_id": video_files/sticker (2).webm
    }, " hi"]},
   {"id": 3, "type": "message", "date": "2026-03-02T09:02:01", "date_unixtime": "1772413321", "from": null, "from_id": "user3", "text": "a", "text": "b\x0B"},
   {"id": 4, "type": "unsupported"}]},
  {"name": null, "type": "saved_messages", "id": 222, "messages": []}]},
 "left_chats": {"list": [
  {"name": "G2", "type": "public_supergroup", "id": 444, "messages": [
   {"id": 9, "type": "message", "date": "2026-03-04T09:01:01", "date_unixtime": "1772586061", "from": "Di", "from_id": "user4", "text": "bye"}]}]}}
T
holds "Telegram: all chats of an account, and what is no JSON" account.json <<'T'
03-02T09:00:01 111 user1 join  created
03-02T09:00:01 111 user2 join user1 invite
03-02T09:01:01 111 user2 message
03-02T09:02:01 111 user3 message
03-04T09:01:01 444 user4 message
T

cat >"$scratch/discord.json" <<'T'
{"guild":{"id":"1"},"channel":{"id":"99","name":"general"},"dateRange":{"after":null},"messages":[
{"id":"10","type":"GuildMemberJoin","timestamp":"2026-03-02T09:00:01.123+08:00","content":"Joined the server.","author":{"id":"2","name":"bob","isBot":false},"mentions":[]},
{"id":"12","type":"Reply","timestamp":"2026-03-02T01:02:01Z","content":"yo","author":{"id":"3","name":"bot","isBot":true},"mentions":[{"id":"2","name":"bob"}]},
{"id":"13","type":"RecipientAdd","timestamp":"2026-03-02T09:03:01+08:00","content":"Added Cy to the group.","author":{"id":"2","name":"bob"},"mentions":[{"id":"4","name":"cy"}]},
{"id":"14","type":"RecipientRemove","timestamp":"2026-03-02T09:04:01+08:00","content":"Left the group.","author":{"id":"4","name":"cy"},"mentions":[{"id":"4","name":"cy"}]},
{"id":"15","type":"46","timestamp":"2026-03-02T09:05:01+08:00","content":"x","author":{"id":"2","name":"bob"},"mentions":[]}],"messageCount":5}
T
holds "Discord JSON: who was added is mentioned" discord.json <<'T'
03-02T09:00:01 99 2 join
03-02T09:02:01 99 3 message 2
03-02T09:03:01 99 4 join 2 invite
03-02T09:04:01 99 4 leave
03-02T09:05:01 99 2 system
T
cat >"$scratch/discord.csv" <<'T'
AuthorID,Author,Date,Content,Attachments,Reactions
"1","Ann","02-Mar-26 09:00 AM","hi","",""
"1","Ann","02-Mar-26 09:05 PM","Added Bob to the group.","",""
"2","Bob","03-Mar-26 09:05 PM","He wrote: Left the group.","",""
T
holds "Discord CSV of older versions: months by name" discord.csv <<'T'
03-02T09:00:00 - 1 message
03-02T21:05:00 - 2 join 1 invite
03-03T21:05:00 - 2 message
T

mkdir -p "$scratch/export/talk"
cat >"$scratch/export/talk/2026-03-02.json" <<'T'
[{"type":"message","user":"U1","text":"a &lt;b&gt; &amp;","ts":"1772413201.000200","thread_ts":"1772413201.000200","reply_count":1},
{"type":"message","user":"U2","text":"same","ts":"1772413202.000200","thread_ts":"1772413201.000200","parent_user_id":"U1"},
{"type":"message","subtype":"thread_broadcast","user":"U2","text":"same","ts":"1772413203.000200","thread_ts":"1772413201.000200"},
{"type":"message","subtype":"thread_broadcast","user":"U2","text":"only to all","ts":"1772413204.000200","thread_ts":"1772413201.000200"},
{"type":"message","user":"U2","text":"same","ts":"1772413205.000200"},
{"type":"message","subtype":"channel_join","user":"U3","text":"<@U3> has joined","ts":"1772413206.000200"},
{"type":"message","subtype":"tombstone","user":"USLACKBOT","text":"deleted","ts":"1772413207.000200"}]
T
echo '[{"id":"C1","name":"talk","created":1772413201,"creator":"U1"}]' >"$scratch/export/channels.json"
echo '[{"id":"U1","name":"ann","deleted":false,"real_name":"Ann","is_bot":false}]' >"$scratch/export/users.json"
holds "Slack: a reply that is also sent to the channel counts once" export <<'T'
03-02T09:00:01 talk U1 message
03-02T09:00:02 talk U2 message U1
03-02T09:00:04 talk U2 message
03-02T09:00:05 talk U2 message
03-02T09:00:06 talk U3 join
03-02T09:00:07 talk USLACKBOT system
T
is "Slack: text is unescaped" "a <b> &" "$("$events" "$scratch/export" | awk -F '\t' 'NR == 1 { print $12 }')"

cat >"$scratch/matrix.json" <<'T'
{"room_name":"R","messages":[
{"type":"m.room.member","sender":"@a:x","state_key":"@b:x","content":{"membership":"invite"},"origin_server_ts":1772413201000,"event_id":"$1"},
{"type":"m.room.member","sender":"@b:x","state_key":"@b:x","content":{"membership":"join","displayname":"Bob"},"origin_server_ts":1772413202000,"event_id":"$2"},
{"type":"m.room.member","sender":"@b:x","state_key":"@b:x","content":{"membership":"join","displayname":"Bobby"},"origin_server_ts":1772413203000,"event_id":"$3"},
{"type":"m.room.member","sender":"@a:x","state_key":"@c:x","content":{"membership":"invite"},"origin_server_ts":1772413204000,"event_id":"$4"},
{"type":"m.room.member","sender":"@c:x","state_key":"@c:x","content":{"membership":"leave"},"origin_server_ts":1772413205000,"event_id":"$5"},
{"type":"m.room.message","sender":"@b:x","content":{"msgtype":"m.text","body":"* hi","m.relates_to":{"rel_type":"m.replace","event_id":"$0"}},"origin_server_ts":1772413206000,"event_id":"$6"},
{"type":"m.reaction","sender":"@a:x","content":{"m.relates_to":{"rel_type":"m.annotation","key":"x"}},"origin_server_ts":1772413207000,"event_id":"$7"},
{"type":"m.room.member","sender":"@a:x","state_key":"@b:x","content":{"membership":"ban"},"origin_server_ts":1772413208000,"event_id":"$8"},
{"type":"m.room.member","sender":"@a:x","state_key":"@b:x","content":{"membership":"leave"},"origin_server_ts":1772413209000,"event_id":"$9"}]}
T
holds "Matrix: only who was in the room leaves it" matrix.json <<'T'
03-02T09:00:01 R @b:x system
03-02T09:00:02 R @b:x join @a:x invite
03-02T09:00:03 R @b:x system
03-02T09:00:04 R @c:x system
03-02T09:00:05 R @c:x system
03-02T09:00:06 R @b:x system
03-02T09:00:07 R @a:x reaction
03-02T09:00:08 R @b:x leave @a:x removed
03-02T09:00:09 R @b:x system
T

cat >"$scratch/feishu.ndjson" <<'T'
{"message_id":"om_1","msg_type":"system","create_time":"1772413201000","chat_id":"oc_1","sender":{"id":""},"body":{"content":"{\"template\":\"{from_user} invited {to_chatters} to the group.\",\"from_user\":[\"Ann\"],\"to_chatters\":[\"Bob\",\"Cy\"]}"}}
{"message_id":"om_2","msg_type":"text","create_time":"1772413202000","chat_id":"oc_1","sender":{"id":"ou_a","sender_type":"user"},"body":{"content":"{\"text\":\"hi @_user_1\"}"},"mentions":[{"key":"@_user_1","id":"ou_b","id_type":"open_id","name":"Bob"}]}
{"message_id":"om_3","msg_type":"system","create_time":"1772413203000","chat_id":"oc_1","sender":{"id":""},"body":{"content":"{\"template\":\"{from_user} left the chat.\",\"from_user\":[\"Bob\"]}"}}
{"message_id":"om_4","msg_type":"system","create_time":"1772413204000","chat_id":"oc_1","sender":{"id":""},"body":{"content":"not JSON"}}
T
holds "Feishu: mentions lead from names to ids" feishu.ndjson <<'T'
03-02T09:00:01 oc_1 Cy join Ann invite
03-02T09:00:01 oc_1 ou_b join Ann invite
03-02T09:00:02 oc_1 ou_a message ou_b
03-02T09:00:03 oc_1 ou_b leave
03-02T09:00:04 oc_1  system
T

# months, days and marks of WhatsApp on both kinds of phone
printf '\342\200\216[3/2/26, 9:01:10\342\200\257PM] Ann: hi\n[3/2/26, 9:02:10\342\200\257PM] Fruit: \342\200\216Ann added Bob\n[3/13/26, 9:02:10\342\200\257PM] \342\200\216~\342\200\257Cy left\n[3/13/26, 9:03:10\342\200\257PM] Ann: Bob: left\n[3/13/26, 9:04:10\342\200\257PM] Bob: \342\200\216This message was deleted.\n[3/13/26, 9:05:10\342\200\257PM] Ann: a\nb\n\nc\n' >"$scratch/ios.txt"
holds "WhatsApp on iOS: month first, notices in somebody's name" ios.txt <<'T'
03-02T21:01:10 - Ann@- message
03-02T21:02:10 - Bob@- join Ann@- invite
03-13T21:02:10 - Cy@- leave
03-13T21:03:10 - Ann@- message
03-13T21:04:10 - Bob@- system
03-13T21:05:10 - Ann@- message
T
# unsaved numbers stand between marks of direction, with blanks that do not break
printf '[3/13/26, 9:02:10\342\200\257PM] \342\200\252+44\302\2407700\342\200\254: hi\n[3/13/26, 9:03:10\342\200\257PM] Fruit: \342\200\216\342\200\252+44\302\2407700\342\200\254 added \342\200\252+1\302\240555\342\200\254 and \342\200\252+1\302\240556\342\200\254\n' >"$scratch/numbers.txt"
is "WhatsApp: numbers are people by their digits alone" "+1 555<+44 7700 +1 556<+44 7700 +44 7700<" \
	"$("$events" "$scratch/numbers.txt" | awk -F '\t' '$1 != "counts" { print $4 "<" $6 }' | tr '\037' '@' | sed 's/\xc2\xa0/ /g; s/@-//g' | LC_ALL=C sort | tr '\n' ' ' | sed 's/ $//')"
is "WhatsApp: lines without a time go on with the message" 'a\nb\n\nc' "$("$events" "$scratch/ios.txt" | awk -F '\t' '$1 ~ /21:05/ { print $12 }')"
printf '02.03.26, 21:01 - Ann: hi\n02.03.26, 21:02 - Ann added Bob, Cy and Di\n14.03.26, 21:02 - Bob left\n14.03.26, 21:03 - You removed Cy\n14.03.26, 21:04 - Ann changed the subject from "a" to "who added x: y"\n' >"$scratch/android.txt"
holds "WhatsApp on Android: day first, several at once" android.txt <<'T'
03-02T21:01:00 - Ann@- message
03-02T21:02:00 - Bob@- join Ann@- invite
03-02T21:02:00 - Cy@- join Ann@- invite
03-02T21:02:00 - Di@- join Ann@- invite
03-14T21:02:00 - Bob@- leave
03-14T21:03:00 - Cy@- leave 我@- removed
03-14T21:04:00 -  system
T
printf '2026/3/2 下午9:01 - 王芳: 你好\n2026/3/2 下午9:02 - 王芳添加了李雷和阿强\n2026/3/3 上午9:02 - 小美使用此群组的邀请链接加入群组\n2026/3/3 上午9:03 - 小美退出了群组\n2026/3/3 上午9:04 - 王芳移除了阿强\n' >"$scratch/zh.txt"
holds "WhatsApp in Chinese" zh.txt <<'T'
03-02T21:01:00 - 王芳@- message
03-02T21:02:00 - 李雷@- join 王芳@- invite
03-02T21:02:00 - 阿强@- join 王芳@- invite
03-03T09:02:00 - 小美@- join  link
03-03T09:03:00 - 小美@- leave
03-03T09:04:00 - 阿强@- leave 王芳@- removed
T
printf '3/2/26, 9:01 PM - Ann: hi\n4/2/26, 9:01 PM - Ann: hi\n' >"$scratch/either.txt"
says "WhatsApp: a file that does not tell day from month" "say --date-order" "activity-rate $scratch/either.txt"
is "WhatsApp: --date-order tells" "2026-02-03 2026-02-04" \
	"$(activity-rate --date-order dmy --columns period,messages "$scratch/either.txt" 2>/dev/null | awk -F, '$2 == 1 { print $1 }' | tr '\n' ' ' | sed 's/ $//')"

printf 'Chat history in Fruit\r\nSaved on: 4/1/2026 10:00\r\n\r\nFri, 1/30/2026\r\n09:00\t\tBob joined the group.\r\n09:01 AM\tAnn\t"a\r\n""b"" \r\n\r\nc"\r\n\r\nMon, 2/2/2026\r\n03:02PM\t\tAnn invited Cy to the group.\r\n03:03PM\t\tAnn removed Bob from the group.\r\n03:04PM\tAnn\t"say" what\r\n' >"$scratch/line_en.txt"
holds "LINE in English: the day of the week tells the month" line_en.txt <<'T'
01-30T09:00:00 Fruit Bob@Fruit join
01-30T09:01:00 Fruit Ann@Fruit message
02-02T15:02:00 Fruit  system
02-02T15:03:00 Fruit Bob@Fruit leave Ann@Fruit removed
02-02T15:04:00 Fruit Ann@Fruit message
T
is "LINE: quotes around several lines, and none around one" 'a\n"b" \n\nc|"say" what' \
	"$("$events" "$scratch/line_en.txt" | awk -F '\t' '$5 == "message" { printf "%s%s", sep, $12; sep = "|" }')"

mkdir -p "$scratch/#chan"
printf '[00:00:05] *** Joins: bob (b@h)\n[00:00:06] <@bob> hi\n[00:01:00] * bob waves\n[00:02:00] *** Quits: bob (b@h) (bye)\n[00:03:00] *** carl was kicked by op (no)\n' >"$scratch/#chan/2014-07-05.log"
holds "IRC of a bot: day and channel in the name of the file" '#chan/2014-07-05.log' <<'T'
07-05T00:00:05 #chan bob join
07-05T00:00:06 #chan bob message
07-05T00:01:00 #chan bob message
07-05T00:02:00 #chan bob leave
07-05T00:03:00 #chan carl leave op removed
T
printf '00:02 < ann> hi\n' >"$scratch/irc.log"
says "IRC without a day is refused" "the day of this line" "activity-rate $scratch/irc.log"
printf -- '--- Log opened Tue Sep 20 00:01:49 2016\n00:02 <@ann> hi\n00:03  * ann waves\n00:03 -!- mode/#c [+o bob] by ann\n--- Day changed Wed Sep 21 2016\n00:00 -!- bob [b@h] has left #c [bye]\n00:01 -!- ann is now known as ann2\n00:02 -!- zed was kicked from #c by ann2 [x]\n' >"$scratch/irssi.log"
holds "irssi: days from marker lines" irssi.log <<'T'
09-20T00:02:00 - ann message
09-20T00:03:00 -  system
09-20T00:03:00 - ann message
09-21T00:00:00 - bob leave
09-21T00:01:00 -  system
09-21T00:02:00 - zed leave ann2 removed
T

printf 'Date,User,Message\n2026-03-02 09:00:00,Ann,Ann님이 Bob님을 초대했습니다.\n2026-03-02 09:01:00,Cy,Bob님이 나갔습니다.\n2026-03-02 09:02:00,Bob,Bob님이 나갔습니다.\n2026-03-02 09:03:00,Ann,"Ann님이 Di님, Ed님과 Fay님을 초대했습니다."\n' >"$scratch/kakao.csv"
holds "KakaoTalk: a sentence about others is only said" kakao.csv <<'T'
03-02T09:00:00 - Bob@- join Ann@- invite
03-02T09:01:00 - Cy@- message
03-02T09:02:00 - Bob@- leave
03-02T09:03:00 - Di@- join Ann@- invite
03-02T09:03:00 - Ed@- join Ann@- invite
03-02T09:03:00 - Fay@- join Ann@- invite
T

# --- orders ----------------------------------------------------------------------------------------

cat >"$scratch/shopify.csv" <<'T'
Name,Email,Financial Status,Paid at,Currency,Subtotal,Shipping,Total,Created at,Lineitem quantity,Lineitem name,Lineitem price,Billing Name,Billing Zip,Refunded Amount,Id
#1001,a@x.com,paid,2025-10-07 09:50:30 +0200,EUR,30.00,5.00,35.00,2025-10-07 09:50:26 +0200,2,Shirt,10.00,Ann,'75008,0.00,1
#1001,a@x.com,,,,,,,2025-10-07 09:50:26 +0200,1,Cap,10.00,,,,
#1002,b@x.com,pending,,EUR,10,0,10.00,2025-10-08 09:50:26 +0200,1,Cap,10.00,Bob,,0,2
#1002,b@x.com,,,,,,,2025-10-08 09:50:26 +0200,1,Hat,10.00,,,,
#1003,a@x.com,partially_refunded,2025-10-09 09:50:30 +0200,EUR,20,0,20.00,2025-10-09 09:50:26 +0200,1,Cap,10.00,Ann,,5.00,3
#1004,c@x.com,refunded,2025-10-10 09:50:30 +0200,EUR,20,0,20.00,2025-10-10 09:50:26 +0200,1,Cap,10.00,Cy,,20.00,4
T
bought "Shopify: further items are rows without an order" shopify.csv <<'T'
2025-10-07T15:50:30 a@x.com order #1001 Cap
2025-10-07T15:50:30 a@x.com order #1001 Shirt
2025-10-09T15:50:30 a@x.com order #1003 Cap
2025-10-09T15:50:30 a@x.com refund #1003
2025-10-10T15:50:30 c@x.com order #1004 Cap
2025-10-10T15:50:30 c@x.com refund #1004
2,55.00,50.00
T
is "Shopify: the amount is shared out by what items cost" "Cap 31.67,Shirt 23.33" \
	"$(repurchase --by product --columns product,gmv "$scratch/shopify.csv" 2>/dev/null | tail -n +2 | tr ',' ' ' | paste -sd, -)"
{ head -n 1 "$scratch/shopify.csv"; tail -n +2 "$scratch/shopify.csv" | LC_ALL=C sort -r; } >"$scratch/turned.csv"
same "Shopify: rows in another order" "repurchase --by product $scratch/shopify.csv" "repurchase --by product $scratch/turned.csv"
printf 'Name,Email,Financial Status,Paid at,Total,Created at,Lineitem quantity,Lineitem name,Lineitem price\n#9,a@x.com,,,,2025-10-07 09:50:26 +0200,1,Cap,10.00\n' >"$scratch/orphan.csv"
says "Shopify: items without their order are told" "whose order is not in this file" "repurchase $scratch/orphan.csv"

printf '支付宝（中国）网络技术有限公司  电子客户回单,,,\n账号:[x@x.com],,\n------交易记录明细列表------\n交易时间,交易分类,交易对方,对方账号,商品说明,收/支,金额,收/付款方式,交易状态,交易订单号,商家订单号,备注,\n2026-03-03 08:00:00,日用百货,王芳,138***@qq.com,草莓,收入,39.90,余额,交易成功,2026030300001\t,M1\t,,\n2026-03-04 08:00:00,日用百货,李雷,/,蓝莓,收入,59.00,余额,交易关闭,2026030300002\t,M2\t,,\n2026-03-05 08:00:00,投资理财,余额宝,/,收益,不计收支,1.00,余额,交易成功,2026030300003\t,M3\t,,\n2026-03-06 08:00:00,退款,王芳,/,草莓,不计收支,10.00,余额,退款成功,2026030300001_1\t,M1\t,,\n' | iconv -f UTF-8 -t GB18030 >"$scratch/alipay.csv"
bought "Alipay: purchases only, a refund finds its order" alipay.csv <<'T'
2026-03-03T08:00:00 王芳@- order 2026030300001 草莓
2026-03-06T08:00:00 王芳@- refund 2026030300001 草莓
1,39.90,29.90
T
printf '支付宝交易记录明细查询\n账号:[x@x.com]\n起始日期:[2026-03-01 00:00:00]    终止日期:[2026-04-01 00:00:00]\n------交易记录明细列表------\n交易号                  ,商家订单号               ,交易创建时间              ,付款时间                ,最近修改时间              ,交易来源地     ,类型              ,交易对方            ,商品名称                ,金额（元）   ,收/支     ,交易状态    ,服务费（元）   ,成功退款（元）  ,备注                  ,资金状态     ,\n20260303001 \t,M1\t,2026-03-03 08:00:00 ,2026-03-03 08:01:00 ,2026-03-03 08:02:00 ,支付宝网站 ,即时到账交易 ,王芳 ,草莓 ,39.90 ,收入 ,交易成功 ,0.00 ,10.00 , ,已收入 ,\n20260303002 \t,M1\t,2026-03-03 08:00:00 , ,2026-03-03 08:02:00 ,支付宝网站 ,即时到账交易 ,李雷 ,蓝莓 ,59.00 ,收入 ,等待买家付款 ,0.00 ,0.00 , , ,\n------------\n共2笔记录\n已收入:1笔,39.90元\n导出时间:[2026-04-01 10:00:00]    用户:云朵\n' | iconv -f UTF-8 -t GB18030 >"$scratch/alipay_old.csv"
bought "Alipay's old header: refunds in a column, footer lines" alipay_old.csv <<'T'
2026-03-03T08:01:00 王芳@- order 20260303001 草莓
2026-03-03T08:01:00 王芳@- refund 20260303001 草莓
1,39.90,29.90
T
printf '微信支付账单明细,,,,,,,,\n----------------------微信支付账单明细列表--------------------,,,,,,,,\n交易时间,交易类型,交易对方,商品,收/支,金额（元）,支付方式,当前状态,交易单号,商户单号,备注\n2026-03-03 08:00:00,二维码收款,王芳,"/",收入,¥100.00,/,已全额退款,"1\t","2\t","/"\n2026-03-03 08:00:01,二维码收款,王芳,"/",收入,¥100.00,/,已退款¥10.00,"3\t","2\t","/"\n2026-03-03 08:00:02,零钱提现,招商银行,"/",/,¥50.00,招商银行,提现已到账,"4\t","/","/"\n2026-03-03 08:00:03,微信红包,李雷,"/",收入,¥5.00,/,已存入零钱,"5\t","/","/"\n2026-03-03 08:00:04,商户消费-退款,某店,"/",收入,¥7.00,/,已全额退款,"6\t","/","/"\n' >"$scratch/bill.csv"
bought "WeChat Pay: withdrawals, red packets and refunds are no orders" bill.csv <<'T'
2026-03-03T08:00:00 王芳@- order 1
2026-03-03T08:00:00 王芳@- refund 1
2026-03-03T08:00:01 王芳@- order 3
2026-03-03T08:00:01 王芳@- refund 3
1,100.00,90.00
T
cat >"$scratch/tmall.csv" <<'T'
订单编号,支付单号,买家应付货款,总金额,订单状态,收货地址,订单创建时间,商品标题
"=""2918200000000000001""",1,39.90,39.90,买家已付款，等待卖家发货,"王芳，86-13800000002，浙江省 杭州市 云朵小区，3栋",2026-03-03 08:00:00,草莓
"=""2918200000000000002""",2,59.90,59.90,等待买家付款,"李雷，86-13800000003，浙江省 杭州市",2026-03-04 08:00:00,蓝莓
"=""2918200000000000003""",3,20.00,20.00,交易成功,"小雨，86-138****0006，浙江省 杭州市",2026-03-05 08:00:00,蓝莓
T
bought "Tmall's newer list: the buyer stands in the address" tmall.csv <<'T'
2026-03-03T08:00:00 13800000002@- order 2918200000000000001 草莓
2026-03-05T08:00:00 小雨@- order 2918200000000000003 蓝莓
2,59.90,59.90
T
printf '创建时间,确认收货时间,淘客结算时间,账户支出时间,计划名称,商品id,商品名称,实际成交价格,成交商品数,佣金比例,佣金,服务费率,服务费金额,淘宝父订单编号,淘宝子订单编号,来源或淘客昵称,团长名称\n2026-03-03 08:00:00\t,\t,\t,\t,通用\t,1\t,草莓\t,39.90\t,1\t,5%%\t,2.00\t,1\t,1\t,123456789012345678\t,123456789012345678\t,小淘\t,团\t,x\n2026-03-03 09:00:00\t,\t,\t,\t,通用\t,2\t,蓝莓\t,59.00\t,2\t,5%%\t,2.00\t,1\t,1\t,123456789012345678\t,123456789012345679\t,小淘\t\n' | iconv -f UTF-8 -t GB18030 >"$scratch/taobaoke.csv"
bought "Taobao alliance: promoters, values that end in TAB, uneven rows" taobaoke.csv <<'T'
2026-03-03T08:00:00 小淘@- order 123456789012345678 草莓
2026-03-03T09:00:00 小淘@- order 123456789012345678 蓝莓
1,98.90,98.90
T
cat >"$scratch/qunjielong.csv" <<'T'
下单序号,接龙号,收货人,联系电话,商品名称,商品编码,规格,数量,商品金额,订单总金额,下单时间,省,市,收货地址,团长ID
2,2,赵小美,13800000007,云南蓝莓125g*4盒,SKU001,默认,2,118.00,236.00,2026-03-04 09:07:11,浙江省,杭州市,云朵小区3栋,TZ000001
2,2,赵小美,13800000007,赣南脐橙10斤（大果）,SKU002,默认,2,118.00,236.00,2026-03-04 09:07:11,浙江省,杭州市,云朵小区3栋,TZ000001
2,2,赵小美,13800000007,草莓,SKU002,默认,2,10.00,10.00,2026-04-04 09:07:11,浙江省,杭州市,云朵小区3栋,TZ000001
T
bought "Qunjielong: an item a row, numbers that start again" qunjielong.csv <<'T'
2026-03-04T09:07:11 赵小美@- order 2026-03-04-2 云南蓝莓125g*4盒
2026-03-04T09:07:11 赵小美@- order 2026-03-04-2 赣南脐橙10斤（大果）
2026-04-04T09:07:11 赵小美@- order 2026-04-04-2 草莓
2,246.00,246.00
T
printf '团名称,跟团号,下单人,支付时间,商品,订单金额,订单退款,订单状态\nA团,1,王芳,2026-03-03 08:00:00,x,10.00,0,已支付\nB团,1,王芳,2026-03-03 09:00:00,x,10.00,0,已支付\n' >"$scratch/ktt.csv"
bought "Kuaituantuan: a named 团 tells equal numbers of one day apart" ktt.csv <<'T'
2026-03-03T08:00:00 王芳@- order A团-1 x
2026-03-03T09:00:00 王芳@- order B团-1 x
2,20.00,20.00
T
printf '跟团号,商品,规格,数量,商品成本价,收货人,联系电话\n1,x,y,1,1,王芳,1\n' >"$scratch/goods.csv"
says "Kuaituantuan's sheet of goods is refused" "without times of payment" "repurchase $scratch/goods.csv"
printf 'order_id,order_number,order_date,paid_date,status,order_total,customer_id,customer_email,billing_first_name\n1,1,03/04/2026 08:00:00,03/04/2026 08:00:30,wc-completed,39.90,0,a@x.com,Ann\n2,2,03/05/2026 08:00:00,,on-hold,10,0,a@x.com,Ann\n3,3,03/06/2026 08:00:00,03/06/2026 09:00:00,processing,10,7,,Bob\n' >"$scratch/woo.csv"
bought "WooCommerce: month first, guests by mail" woo.csv <<'T'
2026-03-04T08:00:30 a@x.com order 1
2026-03-06T09:00:00 7 order 3
2,49.90,49.90
T
printf 'id,Created (UTC),Amount,Amount Refunded,Currency,Mode,Status,Customer ID,Customer Email,Captured\nch_1,2026-03-03 00:00,10.00,4.00,usd,Live,Paid,,a@x.com,true\nch_2,2026-03-03 00:00,10.00,0,usd,Live,Paid,cus_1,a@x.com,false\nch_3,2026-03-03 00:00,10.00,0,usd,Test,Paid,cus_1,a@x.com,true\n' >"$scratch/stripe.csv"
bought "Stripe: by mail without a customer, neither tests nor what was not captured" stripe.csv <<'T'
2026-03-03T08:00:00 a@x.com order ch_1
2026-03-03T08:00:00 a@x.com refund ch_1
1,10.00,6.00
T

# --- half of what a format is known by -------------------------------------------------------------

printf '订单号,商品名称,订购数量,付款时间,订单金额,客户姓名,京东价\n1,x,1,2026-03-03 08:00:00,30.00,王芳,10.00\n1,y,2,2026-03-03 08:00:00,30.00,王芳,10.00\n' >"$scratch/jd_paid.csv"
says "JD without 下单时间: which column is the time?" "no column is known to hold 'ts'.*付款时间" "repurchase $scratch/jd_paid.csv"
is "JD with --map ts: the amount still counts once" "1,30.00" \
	"$(repurchase --map ts=付款时间 --columns orders,net "$scratch/jd_paid.csv" 2>/dev/null | tail -n 1)"
printf 'Name,Email,Financial Status,Created at,Lineitem name\n#1,a@x.com,paid,2026-03-03 08:00:00 +0800,Cap\n#1,a@x.com,,2026-03-03 08:00:00 +0800,Hat\n' >"$scratch/shopify_untold.csv"
is "Shopify without Total: the amount is unknown, not 0" "1," \
	"$(repurchase --columns orders,gmv "$scratch/shopify_untold.csv" 2>/dev/null | tail -n 1)"
printf 'Created (UTC),Amount,Amount Refunded,Status,Customer Email\n2026-03-03 20:00:00,10.00,0,Paid,a@x.com\n' >"$scratch/stripe_untold.csv"
is "Stripe without its numbers: times are still in UTC" "2026-03-04T04:00:00+08:00 order" \
	"$("$events" "$scratch/stripe_untold.csv" | awk -F '\t' 'NR == 1 { print $1, $5 }')"
printf '{"type":"message","user":"U1","ts":1772413201.0002,"text":"a","subtype":"channel_join"}\n' >"$scratch/slack_number.json"
printf '{"client_msg_id":"x","user":"U1","ts":"1772413201.000200","text":"a"}\n' >"$scratch/slack_event.json"
for f in slack_number slack_event; do
	says "$f: Slack in another shape is refused" "as its export writes them" "activity-rate $scratch/$f.json"
done

# They show a few columns only, of which none can be missed; the rows of taobaoke.csv are longer than its header.
is "damaged files of the descriptions: told, and counted once" "" "$(DAMAGE_MUTATIONS=50 "$QUN_BUILD/tests/damage" "$scratch"/*.csv "$scratch"/*.txt \
	"$scratch"/*.log "$scratch"/account.json "$scratch"/discord.json "$scratch"/matrix.json "$scratch"/feishu.ndjson 2>&1 |
	grep -v "changed without a word\|taobaoke.*header")"
finish
