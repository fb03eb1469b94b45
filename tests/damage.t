#!/bin/sh
# Every sample export cut off, with bytes changed, and in another shape: a right table or a sentence.
# DAMAGE_CUTS=all cuts at every byte, DAMAGE_MUTATIONS=10000 changes as many copies of each file.
. tests/lib.sh
S=$QUN_SHARED/samples
if [ ! -r "$S/EXPECTED.tsv" ]; then
	skip "damaged exports" "$S is not there"
	finish
	exit
fi

# What nobody can miss: columns for which there is another, that only --by sees, or that not all files
# of the tool have. KakaoTalk's header is three plain words; one of Slack's days has a single message;
# the columns of Taobao are 宝贝标题 and 退款金额, which older exports do not have.
cat >"$scratch/unnoticed" <<'T'
chatlab/chatlab.jsonl meta missing
chatlab/chatlab.jsonl meta.groupId missing
dingtalk/robot_messages.ndjson senderId missing
feishu/im_messages.json mentions missing
kakaotalk/kakaotalk.csv Message renamed
matrix/export.json room_id missing
orders/jd_orders.csv 商品名称 renamed
orders/jd_orders.csv 客户姓名 renamed
orders/kuaituantuan.csv 商品 renamed
orders/stripe_payments.csv Customer ID renamed
orders/stripe_payments.csv Description renamed
orders/taobao_orders_gb18030.csv column 21 renamed
orders/taobao_orders_gb18030.csv column 35 renamed
orders/wechat_pay_bill.csv 商品 renamed
orders/youzan_orders.csv 全部商品名称 renamed
orders/youzan_orders.csv 订单来源 renamed
qq/qce_chunked_jsonl/chunks/c000001.jsonl content.elements missing
qq/qce_chunked_jsonl/chunks/c000001.jsonl sender.nickname missing
qq/qce_chunked_jsonl/chunks/c000002.jsonl sender.nickname missing
qq/qce_v5.json content.elements missing
qq/qce_v5.json sender.nickname missing
slack/yunduo-1 inviter missing
slack/yunduo-1 parent_user_id missing
slack/yunduo-1 subtype missing
slack/yunduo-1 text missing
slack/yunduo-1 type missing
slack/yunduo-1 user missing
telegram/result_single.json date_unixtime missing
telegram/result_single.json inviter missing
telegram/result_single.json members missing
wechat/pywxdump.csv room_name renamed
wechat/pywxdump.json room_name missing
wechat/wechatdataanalysis_messages.json quoteUsername missing
wechat/wx-cli.json sender_contact_display missing
wechat/wx-cli.json sender_username missing
wecom/groupchat_get.json invitor missing
wecom/groupchat_get.json invitor.userid missing
T
find "$S" -type f ! -name EXPECTED.tsv ! -name README.md | LC_ALL=C sort | while read -r f; do
	"$QUN_BUILD/tests/damage" "$f" 2>&1
done | tr '\t' ' ' | sed "s,^$S/,,; s,\(slack/[^/]*\)/[0-9-]*\.json,\1," | LC_ALL=C sort -u >"$scratch/said"
is "damaged exports are told, and counted once" \
	"$(sed 's/$/ changed without a word/' "$scratch/unnoticed" | LC_ALL=C sort)" "$(cat "$scratch/said")"
finish
