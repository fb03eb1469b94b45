#!/bin/sh
# The programs on one small world written by many tools: what each export holds, the first run of a
# stranger without any option, other tools' files refused, and the same bytes in other clothes.
. tests/lib.sh
export QUN_TZ=Asia/Shanghai
S=$QUN_SHARED/samples
if [ ! -r "$S/EXPECTED.tsv" ]; then
	skip "sample exports" "$S is not there"
	finish
	exit
fi
W=$S/wechat
O=$S/orders
events=$QUN_BUILD/tests/events

# --- what a file holds, as EXPECTED.tsv says -------------------------------------------------------

# Columns: 1 time 2 group 3 user 4 name 5 type 6 ref 7 source 8 amount 9 order 10 product 11 id 12 text
chat_counts() { # records, messages by people, senders, joins, leaves; a red packet is said by someone
	"$events" "$1" | awk -F '\t' '
		$1 == "counts" { print $2 "\t" said + 0 "\t" people + 0 "\t" joins + 0 "\t" leaves + 0; next }
		($5 == "message" || $5 == "redpacket") && $3 != "" { said++; if (!seen[$3]++) people++ }
		$5 == "join" { joins++ }
		$5 == "leave" { leaves++ }'
}
# As the report on a file tells them: records, orders that were paid, all their lines being one, and buyers.
order_counts() { # OPTION... FILE
	chat-cat --check -o json "$@" 2>/dev/null | sed 's/.*"read":\([0-9]*\).*"buyers":\([0-9]*\).*"orders":\([0-9]*\).*/\1\t\3\t\2/'
}

expected_chat() { awk -F '\t' -v OFS='\t' -v f="$1" '$1 == f { print $2, $3, $4, $5, $6 }' "$S/EXPECTED.tsv"; }
# There "paid=" is what we call an order, "orders=" are all that are listed.
expected_orders() { # records, orders, buyers or nothing
	awk -F '\t' -v f="$1" '$1 == f { sub(/[a-z]*=/, "", $3); print $2 "\t" $3 "\t" $4 }' "$S/EXPECTED.tsv"
}
for f in memotrace_legacy_utf8bom.csv memotrace_legacy_shortrows.csv memotrace_3x_utf8bom.csv \
	pywxdump.csv pywxdump.json chatlog.json chatlog.csv; do
	want=$(expected_chat "wechat/$f")
	case $f in
	pywxdump.*) # no name of anybody but those in the sentences: 张三、张姐 in a list of two falls in two
		want=$(echo "$want" | awk -F '\t' -v OFS='\t' '{ $4++; print }') ;;
	esac
	is "$f holds what EXPECTED.tsv says" "$want" "$(chat_counts "$W/$f")"
done
for f in youzan_orders.csv taobao_orders_gb18030.csv; do
	is "$f holds what EXPECTED.tsv says" "$(expected_orders "orders/$f")" "$(order_counts "$O/$f")"
done
# The tool writes who is who beside its pages.
mkdir -p "$scratch/pywxdump"
cp "$W/pywxdump.csv" "$scratch/pywxdump/48210937715@chatroom_0_5000.csv"
cat >"$scratch/pywxdump/users.json" <<'T'
{
    "wxid_a1b2c3d4e5f612": {"wxid": "wxid_a1b2c3d4e5f612", "nickname": "王芳", "remark": "芳芳", "account": "", "LabelIDList": [], "extra": null},
    "lilei88": {"wxid": "lilei88", "nickname": "李雷", "remark": "", "account": "", "LabelIDList": [], "extra": null},
    "wxid_hanmm_2019xx": {"wxid": "wxid_hanmm_2019xx", "nickname": "韩梅梅", "remark": "", "extra": {}},
    "wxid_aqiang556677": {"wxid": "wxid_aqiang556677", "nickname": "", "remark": "阿强"},
    "wxid_zhangjie3344": {"wxid": "wxid_zhangjie3344", "nickname": "张三、张姐", "remark": ""},
    "wxid_meimei_01abc": {"wxid": "wxid_meimei_01abc", "nickname": "小美🌸", "remark": ""},
    "wxid_tomjr7788xyz": {"wxid": "wxid_tomjr7788xyz", "nickname": "Tom, Jr.", "remark": ""},
    "wxid_xiaoyu770011": {"wxid": "wxid_xiaoyu770011", "nickname": "小雨\"不吃辣\"", "remark": ""},
    "wxid_spam88888888": {"wxid": "wxid_spam88888888", "nickname": "兼职刷单88", "remark": ""}
}
T
is "pywxdump.csv beside its users.json holds what EXPECTED.tsv says" "$(expected_chat wechat/pywxdump.csv)" \
	"$(chat_counts "$scratch/pywxdump")"

is "no phantom of a system row is a person" "" \
	"$(for f in "$W"/memotrace_*.csv "$W"/pywxdump.* "$W"/chatlog.json "$W"/chatlog.csv; do "$events" "$f"; done |
		awk -F '\t' '$3 ~ /^(系统消息|系统|未知|0|.*@chatroom)$/')"
is "a stale sender of a system row is nobody" "" \
	"$("$events" "$W/memotrace_legacy_utf8bom.csv" | awk -F '\t' '$5 == "system" && $3 != ""')"
names='张三、张姐
Tom, Jr.
小雨"不吃辣"'
for f in memotrace_legacy_utf8bom.csv memotrace_3x_utf8bom.csv chatlog.json chatlog.csv; do
	is "$f: names with a comma, a separator and quotes stay whole" "$(echo "$names" | sort)" \
		"$("$events" "$W/$f" | awk -F '\t' '$5 == "join" && $4 ~ /张|Tom|Jr|雨/ { print $4 }' | sort -u)"
done
is "the exporter is one person" 1 \
	"$("$events" "$W/chatlog.json" | awk -F '\t' '$3 == "我" || $3 == "wxid_yunduo0001" { print $3 }' | sort -u | wc -l | tr -d ' ')"
is "who invited is an id" "lilei88<wxid_yunduo0001 wxid_a1b2c3d4e5f612<wxid_yunduo0001 wxid_hanmm_2019xx<wxid_yunduo0001 wxid_meimei_01abc<wxid_a1b2c3d4e5f612" \
	"$("$events" "$W/chatlog.json" | awk -F '\t' '$5 == "join" && $1 < "2026-03-05" { print $3 "<" $6 }' | sort | awk -F '<' '
		{ at[$1] = $0 } END { print at["lilei88"], at["wxid_a1b2c3d4e5f612"], at["wxid_hanmm_2019xx"], at["wxid_meimei_01abc"] }')"

# --- a stranger's first run ------------------------------------------------------------------------

# Counted by hand. Weeks: 8 speak in the first, 刷单 and 阿强 come in the second, 小雨 in the third; then
# 团长 and 王芳 return, 王芳 and 阿强, 王芳. 王芳's last message is the newest event.
cat >"$scratch/cohorts" <<'T'
cohort,size,offset,eligible,retained,complete,truncated
2026-03-02,8,0,8,8,1,1
2026-03-02,8,1,8,0,1,1
2026-03-02,8,2,8,2,1,1
2026-03-02,8,3,8,1,1,1
2026-03-02,8,4,8,1,0,1
2026-03-09,2,0,2,2,1,0
2026-03-09,2,1,2,0,1,0
2026-03-09,2,2,2,1,1,0
2026-03-09,2,3,2,0,0,0
2026-03-16,1,0,1,1,1,0
2026-03-16,1,1,1,0,1,0
2026-03-16,1,2,1,0,0,0
T
for f in chatlog.json chatlog.csv pywxdump.csv pywxdump.json memotrace_legacy_utf8bom.csv; do
	same "cohort-retention <$f" "cat $scratch/cohorts" \
		"cohort-retention --columns cohort,size,offset,eligible,retained,complete,truncated <$W/$f"
done
# Keyed by name the two 小美🌸 are one and 阿强, renamed on the 20th, is two: other cohorts, same sum.
is "names for ids: 11 people, but not the same 11" "7 2 1 1" \
	"$(cohort-retention --columns cohort,size,offset "$W/memotrace_3x_utf8bom.csv" 2>/dev/null | awk -F, '$3 == "0" { printf "%s%s", n++ ? " " : "", $2 } END { print "" }')"

# 13 messages of 8 people in the first week; 兼职刷单88 is there from 08:30 to 08:35 on the 9th.
cat >"$scratch/activity" <<'T'
period,members,basis,active,talkers,lurkers,messages,complete
2026-03-02,8,joins,8,8,0,13,1
2026-03-09,10,joins,2,2,8,2,1
2026-03-16,10,joins,3,3,7,4,1
2026-03-23,10,joins,2,2,8,2,1
2026-03-30,10,joins,1,1,9,1,0
T
for f in chatlog.json chatlog.csv; do
	same "activity-rate <$f" "cat $scratch/activity" \
		"activity-rate --period week --columns period,members,basis,active,talkers,lurkers,messages,complete <$W/$f"
done
same "activity-rate pywxdump/, with users.json" "cat $scratch/activity" \
	"activity-rate --period week --columns period,members,basis,active,talkers,lurkers,messages,complete $scratch/pywxdump"
says "people known by name in sentences and by id elsewhere are said" "by name.*--alias" "activity-rate <$W/pywxdump.csv"
same "an alias file makes them one" "cat $scratch/activity" \
	"cat >$scratch/names.csv <<'T'
id,canonical
王芳,wxid_a1b2c3d4e5f612
李雷,lilei88
韩梅梅,wxid_hanmm_2019xx
阿强,wxid_aqiang556677
张三,wxid_zhangjie3344
张姐,wxid_zhangjie3344
小美🌸,wxid_meimei_01abc
\"Tom, Jr.\",wxid_tomjr7788xyz
\"小雨\"\"不吃辣\"\"\",wxid_xiaoyu770011
兼职刷单88,wxid_spam88888888
T
activity-rate --period week --columns period,members,basis,active,talkers,lurkers,messages,complete --alias $scratch/names.csv <$W/pywxdump.csv"
is "one removal" "wxid_spam88888888,left" \
	"$(churn-list --class left --columns user,class "$W/chatlog.json" 2>/dev/null | tail -n +2)"
is "the silent for a fortnight" "lilei88 wxid_hanmm_2019xx wxid_meimei_01abc wxid_meimei_02def wxid_tomjr7788xyz wxid_zhangjie3344" \
	"$(churn-list --silent 14d --class silent --columns user "$W/chatlog.json" 2>/dev/null | tail -n +2 | sort | tr '\n' ' ' | sed 's/ $//')"
is "10 join, 9 of them speak within a month of it" "10 9" \
	"$(funnel --steps join,message --window 30d --columns reached "$W/chatlog.json" 2>/dev/null | tail -n +2 | tr '\n' ' ' | sed 's/ $//')"
# 18 paid, 3 of them refunded in full (王芳 177, 小雨 118 and 59)
for f in youzan_orders.csv taobao_orders_gb18030.csv; do
	is "repurchase <$f" "5,15,5,10,8933.40,8933.40" \
		"$(repurchase --columns buyers,orders,repeat_buyers,repeat_orders,gmv,net <"$O/$f" 2>/dev/null | tail -n 1)"
	is "repurchase --refund ignore <$f" "6,18,6,12,9287.40" \
		"$(repurchase --refund ignore --columns buyers,orders,repeat_buyers,repeat_orders,gmv <"$O/$f" 2>/dev/null | tail -n 1)"
done
prints "a WeChat Pay bill is found below its preamble" "^all,7,14," "repurchase <$O/wechat_pay_bill.csv"

# --- files of other tools --------------------------------------------------------------------------

for f in wechat/weflow.json wechat/weflow_weclone_utf8bom.csv wechat/wechatdataanalysis_messages.json \
	wechat/wx-cli.json wechat/itchat.ndjson wechat/memotrace.txt wechat/wechatexporter.txt \
	wecom/msgaudit.ndjson wecom/groupchat_get.json wecom/change_external_chat.xml qq/qce_v5.json \
	qq/qce_chunked_jsonl/ qq/qq_pc.txt telegram/result_single.json telegram/result_old_badescape.json \
	discord/dce.csv slack/ whatsapp/_chat_android_en.txt whatsapp/_chat_ios_zh.txt line/line_zh.txt \
	kakaotalk/kakaotalk.csv feishu/im_messages.json dingtalk/robot_messages.ndjson \
	chatlab/chatlab.jsonl matrix/export.json; do
	is "$f holds what EXPECTED.tsv says" "$(expected_chat "$f")" "$(chat_counts "$S/$f")"
	exits "$f: a first run" 0 "cohort-retention '$S/$f'"
done
# its one channel is the whole workspace
is "slack/yunduo-1 holds what EXPECTED.tsv says of slack/" "$(expected_chat slack/)" "$(chat_counts "$S/slack/yunduo-1")"
# EXPECTED.tsv does not count what is said on IRC. By hand: 15 lines on the 2nd of March, then 1, 1, 2,
# 1, 1, 1, 1, 2 and 1, by 9 of the 11 nicks.
for f in irc/irssi.log irc/weechat.log; do
	is "$f holds what EXPECTED.tsv says, and 26 lines of 9 people" \
		"$(expected_chat "$f" | awk -F '\t' -v OFS='\t' '{ $2 = 26; $3 = 9; print }')" "$(chat_counts "$S/$f")"
done

# Where the same person is told by several columns EXPECTED.tsv counts by the best of them: 阿强 renames
# himself on the 20th, so that he is two of 下单人, who are members of the chat; he is one of 收货人.
is "kuaituantuan.csv holds what EXPECTED.tsv says" "$(expected_orders orders/kuaituantuan.csv)" \
	"$(order_counts --map user=收货人 "$O/kuaituantuan.csv")"
is "and without --map 7 who ordered" "24	18	7" "$(order_counts "$O/kuaituantuan.csv")"
is "wechat_pay_bill.csv holds what EXPECTED.tsv says" "$(expected_orders orders/wechat_pay_bill.csv | cut -f 1,2)" \
	"$(order_counts "$O/wechat_pay_bill.csv" | cut -f 1,2)"
# two of the 12 orders have a second item; EXPECTED.tsv counts orders twice
is "jd_orders.csv: 14 rows, as many orders as EXPECTED.tsv says" "14	$(expected_orders orders/jd_orders.csv | cut -f 2)" \
	"$(order_counts "$O/jd_orders.csv" | cut -f 1,2)"
# without times, and without a buyer
is "qunjielong_summary.csv with --set ts holds what EXPECTED.tsv says" "$(expected_orders orders/qunjielong_summary.csv | cut -f 1,2)" \
	"$(order_counts --set ts=2026-03-20 "$O/qunjielong_summary.csv" | cut -f 1,2)"
# A record is an order there, be it paid or not: two are not, in each of these
for f in woocommerce_suite.csv stripe_payments.csv weidian_unverified.csv; do
	set -- "$O/$f"
	[ $f = weidian_unverified.csv ] && set -- --set user=x "$O/$f"
	is "$f lists as many orders as EXPECTED.tsv says" "$(expected_orders "orders/$f" | cut -f 1,2)" \
		"$(order_counts "$@" | awk -F '\t' '{ print $1 "\t" $1 }')"
	is "$f: 10 of them count" 10 "$(order_counts "$@" | cut -f 2)"
done

refused() { # FILE STATUS SENTENCE
	cohort-retention "$S/$1" >"$scratch/.a" 2>"$scratch/.ae"; rc=$?
	if [ $rc -eq $2 ] && [ ! -s "$scratch/.a" ] && grep -Eq -e "$3" "$scratch/.ae"; then pass "$1 is refused"; else
		fail "$1 is refused, without a table and with a sentence"
		show "$scratch/.a"
		show "$scratch/.ae"
	fi
}
refused orders/qunjielong_summary.csv 1 "has no times.*--set ts=TIME"
refused orders/weidian_unverified.csv 2 "no column is known to hold 'user'.*--map"
# Nothing in these is a chat or an order.
refused wechat/chatlog_chatroom.csv 1 "no messages"
refused wecom/groupchat_statistic_by_day.json 1 "sums without people"
refused wechat/system_texts.tsv 2 "no column is known to hold.*--map"
refused orders/youzan_customers.csv 1 "list of customers.*export the orders"

# --- the same content in other bytes ---------------------------------------------------------------

u8() { iconv -f "$2" -t UTF-8 "$1" | sed '1s/^\xef\xbb\xbf//'; }
variants() { # NAME FILE ENCODING PROGRAM...
	name=$1 from=$3
	u8 "$2" "$3" >"$scratch/plain"
	shift 3
	"$@" <"$scratch/plain" >"$scratch/table" 2>"$scratch/.ae" || { fail "$name as UTF-8"; show "$scratch/.ae"; return; }
	if [ "$from" != UTF-8 ]; then pass "$name as UTF-8"; fi
	{ printf '\357\273\277'; cat "$scratch/plain"; } >"$scratch/bom"
	iconv -f UTF-8 -t GB18030 "$scratch/plain" >"$scratch/gb18030"
	{ printf '\377\376'; iconv -f UTF-8 -t UTF-16LE "$scratch/plain"; } >"$scratch/utf16le"
	{ printf '\376\377'; iconv -f UTF-8 -t UTF-16BE "$scratch/plain"; } >"$scratch/utf16be"
	sed 's/\r$//' "$scratch/plain" >"$scratch/lf"
	sed 's/\r*$/\r/' "$scratch/plain" >"$scratch/crlf"
	gzip -c "$scratch/gb18030" >"$scratch/gzip"
	zstd -qc "$scratch/utf16le" >"$scratch/zstd"
	for v in bom gb18030 utf16le utf16be lf crlf gzip zstd; do
		same "$name: $v" "cat $scratch/table" "$* <$scratch/$v"
		same "$name: $v through a pipe in pieces of 7 bytes" "cat $scratch/table" \
			"dd if=$scratch/$v bs=7 2>/dev/null | $*"
	done
}
variants chatlog.json "$W/chatlog.json" UTF-8 cohort-retention
variants chatlog.csv "$W/chatlog.csv" UTF-8 churn-list --silent 14d
variants pywxdump.json "$W/pywxdump.json" UTF-8 activity-rate --talk
variants memotrace_legacy "$W/memotrace_legacy_utf8bom.csv" UTF-8 churn-list --silent 14d
variants memotrace_3x "$W/memotrace_3x_utf8bom.csv" UTF-8 cohort-retention --birth join
variants youzan "$O/youzan_orders.csv" UTF-8 repurchase --by product
variants taobao "$O/taobao_orders_gb18030.csv" GB18030 repurchase --by product

# --- chat and orders of the same people ------------------------------------------------------------

cat >"$scratch/people.csv" <<'T'
id,canonical
王芳,wxid_a1b2c3d4e5f612
李雷,lilei88
韩梅梅,wxid_hanmm_2019xx
"张三、张姐",wxid_zhangjie3344
"小雨""不吃辣""",wxid_xiaoyu770011
阿强,wxid_aqiang556677
阿强（到货通知我）,wxid_aqiang556677
小美🌸,wxid_meimei_01abc
13800000002,wxid_a1b2c3d4e5f612
13800000003,lilei88
13800000004,wxid_hanmm_2019xx
13800000006,wxid_xiaoyu770011
13800000007,wxid_meimei_01abc
13800000008,wxid_meimei_02def
13800000009,wxid_zhangjie3344
13800000010,wxid_aqiang556677
T
# no nickname: Youzan's buyer is then his phone
sed 's/,[^,]*,否,\(1380\)/,,否,\1/' "$O/youzan_orders.csv" >"$scratch/phones.csv"
steps="--step join --step message --step order --columns reached --alias $scratch/people.csv"
reached() { funnel $steps "$@" 2>/dev/null | tail -n +2 | tr '\n' ' ' | sed 's/ $//'; }
# 王芳 and 李雷 pay within a week of joining; 小美 paid an hour before she spoke and again after nine
# days, 阿强 before he joined and again after eleven. 小雨 had all money back, 韩梅梅 never paid.
for f in "$O/youzan_orders.csv" "$scratch/phones.csv"; do
	is "join, message, order within a week: ${f##*/}" "10 9 2" "$(reached "$W/chatlog.json" "$f")"
	is "join, message, order without a window: ${f##*/}" "10 9 4" \
		"$(reached --window none "$W/chatlog.json" "$f")"
done
finish
