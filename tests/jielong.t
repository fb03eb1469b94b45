#!/bin/sh
# 接龙: who takes part in a chain order, told once by the newest list, and nothing else changed by it.
. tests/lib.sh
events=$QUN_BUILD/tests/events
S=$QUN_SHARED/samples

# Time of day, user (a name at its group), ref, text.
takers() { "$events" "$@" 2>&1 | tr '\037' '@' | awk -F '\t' '$5 == "jielong" { print substr($1, 12, 8) " " $3 " " $6 " " $12 }' | sort; }
counts() { "$events" "$@" | awk -F '\t' '$1 == "counts" { print $2, $3, $4, $5, $6 }'; }

# Two posts of one list, the second longer; a third withdraws 小美; another group has a list of its own.
room() { # FILE GROUP [POST...]
	awk -v group="$2" 'BEGIN {
		head = "#接龙\\n草莓 ¥39.9\\n\\n"
		n = split("wxid_b|Ben|1772413200|大家好;wxid_a|Ann|1772413500|" head "1. Ann 2份\\n2. 小美 1份;" \
			"wxid_b|Ben|1772413661|" head "1. Ann 2份\\n2. 小美 1份\\n3. Ben 1份（不要太熟的）;" \
			"wxid_a|Ann|1772413700|" head "1. Ann 3份\\n2. Ben 1份（不要太熟的）", post, ";")
		for (i = 1; i <= n; i++) {
			split(post[i], f, "|")
			printf "{\"seq\": %d, \"time\": \"%s\", \"talker\": \"%s\", \"sender\": \"%s\", \"senderName\": \"%s\", \"isSelf\": false, \"type\": 1, \"subType\": 0, \"content\": \"%s\"}\n",
				i, "2026-03-02T01:0" i ":00Z", group, f[1], f[2], f[4]
		}
	}' >"$1"
}
room "$scratch/r1.json" 1@chatroom
room "$scratch/r2.json" 2@chatroom
is "the newest list counts, each with the first list that shows him" \
	"$(printf '%s\n' '01:02:00 wxid_a wxid_a Ann 3份' '01:03:00 wxid_b wxid_b Ben 1份（不要太熟的）')" \
	"$(takers "$scratch/r1.json")"
is "every post stays a message" 4 "$("$events" "$scratch/r1.json" | awk -F '\t' '$5 == "message" { n++ } END { print n }')"
is "records are counted as before" "4 4 0 0 0" "$(counts "$scratch/r1.json")"
sort -r "$scratch/r1.json" >"$scratch/back.json"
is "in whatever order the posts come" "$(takers "$scratch/r1.json")" "$(takers "$scratch/back.json")"
head -n 3 "$scratch/r1.json" >"$scratch/three.json"
is "three take part before one withdraws" 3 "$(takers "$scratch/three.json" | wc -l | tr -d ' ')"
is "groups have lists of their own" 4 "$(takers "$scratch/r1.json" "$scratch/r2.json" | wc -l | tr -d ' ')"
is "the same file twice: nobody twice" "jielong 2" \
	"$(chat-cat -q --where jielong --columns type "$scratch/r1.json" "$scratch/r1.json" | sed 1d | sort | uniq -c | awk '{ print $2, $1 }')"
says "and the records of the second are known ones" "duplicate 4( |,|\$)|4 duplicate" \
	"chat-cat -v '$scratch/r1.json' '$scratch/r1.json'"
# the end of a file tells joins and lists: a list told before makes no known record of a new join
{ cat "$scratch/r1.json"; echo '{"seq": 9, "time": "2026-03-02T02:00:00Z", "talker": "1@chatroom", "sender": "系统消息", "senderName": "", "isSelf": false, "type": 10000, "subType": 0, "content": "\"Ann\"邀请\"Cai\"加入了群聊"}'; } >"$scratch/more.json"
says "a longer export of the same chat has one new record" "duplicate 4( |,|\$)|4 duplicate" \
	"chat-cat -v '$scratch/r1.json' '$scratch/more.json'"

# --- in the tables ---------------------------------------------------------------------------------

is "join, message, jielong" "2 2" \
	"$(funnel -q --steps message,jielong --columns reached "$scratch/r1.json" | sed 1d | xargs)"
is "nobody is active by it" "2" \
	"$(activity-rate -q --columns active "$scratch/r1.json" | sed 1d | xargs)"
is "or a buyer" "0,0" "$(repurchase -q --columns buyers,orders "$scratch/r1.json" | sed 1d)"
grep -v 接龙 "$scratch/r1.json" >"$scratch/none.json"
is "nor where it is all that is known of someone" "1" \
	"$({ cat "$scratch/none.json"; sed -n 2p "$scratch/r1.json"; } >"$scratch/silent.json"
	churn-list -q --class never-spoke,silent,newcomer --newcomer 7d --columns user "$scratch/silent.json" | grep -c wxid_b)"
is "a name on a list is no member" "" \
	"$(churn-list -q --class newcomer,never-spoke,silent,left,cooling --columns user "$scratch/three.json" | grep 小美)"
printf 'id,canonical\n小美,wxid_m\n' >"$scratch/alias.csv"
is "--alias tells who a name is" wxid_m \
	"$(chat-cat -q --alias "$scratch/alias.csv" --where 'jielong & text~小美' --columns user "$scratch/three.json" | sed 1d)"

# --- through chat-cat ------------------------------------------------------------------------------

same "through canonical CSV and back" "chat-cat -q '$scratch/r1.json'" "chat-cat -q '$scratch/r1.json' | chat-cat -q"
same "through NDJSON" "chat-cat -q '$scratch/r1.json'" "chat-cat -q -o ndjson '$scratch/r1.json' | chat-cat -q"
same "ChatLab holds the lists, and they are found in it again" \
	"chat-cat -q --columns ts,user,type,ref,text '$scratch/r1.json'" \
	"chat-cat -q -o chatlab '$scratch/r1.json' | chat-cat -q --columns ts,user,type,ref,text"
(umask 077; head -c 32 /dev/urandom >"$scratch/key")
is "pseudonyms take their text out" ",," \
	"$(chat-cat -q --pseudonymise "$scratch/key" --where jielong --columns text,product,source "$scratch/r1.json" | sed 1d | sort -u)"

# --- the samples -----------------------------------------------------------------------------------

if [ -r "$S/EXPECTED.tsv" ]; then
	for f in chatlog.json chatlog.csv memotrace_3x_utf8bom.csv pywxdump.csv pywxdump.json weflow.json \
		weflow_weclone_utf8bom.csv wx-cli.json wechatdataanalysis_messages.json wechatexporter.txt itchat.ndjson \
		memotrace.txt; do
		is "$f: three take part" "云朵团长 样品1份|王芳 2份|李雷 1份（不要太熟的）" \
			"$(QUN_TZ=Asia/Shanghai "$events" "$S/wechat/$f" | awk -F '\t' '$5 == "jielong" { printf "%s%s", n++ ? "|" : "", $12 }')"
		same "$f: through canonical CSV and back" "chat-cat -q '$S/wechat/$f'" "chat-cat -q '$S/wechat/$f' | chat-cat -q"
	done
	is "ChatLab knows them all by id" "09:05:00 wxid_a1b2c3d4e5f612|09:05:00 wxid_yunduo0001|09:07:41 lilei88" \
		"$(QUN_TZ=Asia/Shanghai takers "$S/chatlab/chatlab.jsonl" | awk '{ printf "%s%s %s", n++ ? "|" : "", $1, $2 }')"
else
	skip "the lists of the samples" "$S is not there"
fi
finish
