export const HELP = `alipay-sandbox: an offline Alipay gateway for tests. Not affiliated with Alipay.

alipay-sandbox [start]       start the gateway
  --port N                   default 9021, 0 takes a free one
  --host ADDRESS             default 127.0.0.1
  --data DIR                 where everything is kept, default .alipay-sandbox
  --memory                   keep nothing
  --clock-rate N             how fast virtual time runs, default 1, 0 is frozen
  --config FILE              JSON: settings, accounts, notify_allow, apps [{id, public_key_file, seller}]
  --app-id ID                16 digits, of the first app or of the one with --app-public-key
  --app-public-key FILE      a merchant's own key: SPKI, PEM or base64; the private key stays where it is
  --tls-port N               a second listener over TLS, for SDKs with a fixed gateway address
  --tls-hosts NAMES          host names it answers for, by comma; put them into the hosts file yourself and trust
                             keys/tls-ca.crt, which is good for no other host; default localhost,127.0.0.1,::1
  --official-sandbox-limits  what Alipay's own sandbox cannot do is refused here too, until a setting allows it again
  --notify-allow HOSTS       hosts besides loopback and private ones that notifies may go to, by comma
  --allow-reset              let the control API forget everything
  --token TEXT               bearer token for the control API
  --i-know-this-is-a-test-gateway   needed to listen beyond loopback; makes a token mandatory
  --json                     print what was started as one line of JSON
alipay-sandbox --help | --version

alipay-sandbox config --format env|json|node|java|php|python|go|ruby [--data DIR]
                             what a merchant configures, without any private key
alipay-sandbox settings [--lang zh|en]
                             every setting with its values, default and reason, as Markdown

The following talk to a running sandbox, at --url (default http://127.0.0.1:9021) with --token if it has one:
alipay-sandbox pay PAY_URL [--buyer LOGIN] [--outcome NAME] [--return follow|none] [--json]
alipay-sandbox trades [--out-trade-no NO] [--status STATUS] [--json]
alipay-sandbox refund TRADE [AMOUNT] [--out-request-no NO] [--reason TEXT] [--json]
                             as from the console; without AMOUNT all that is left
alipay-sandbox resend NUMBER [--json]
                             tells a notify once more: a notify_id, or the latest one about an out_trade_no
alipay-sandbox advance 10m|1h|25h|30d [--json]
alipay-sandbox fault KIND [--method M] [--event E] [--out-trade-no PATTERN] [--times N|always] [--probability P]
                     [--seed N] [--phase before|after] [--delay-ms N] [--value TEXT] [--days N] [--json]
alipay-sandbox fault list | fault kinds | fault remove ID [--json]
alipay-sandbox bill DAY|MONTH [--type trade|signcustomer] [--seller-id ID] [--out FILE.zip] [--json]
                             what the bill says, also before it is ready; --out keeps the ZIP
alipay-sandbox export FILE [--data DIR]      everything but private keys in one file; --url of a running one
alipay-sandbox import FILE [--data DIR] [--keys DIR] [--json]
                             into an empty data directory; --keys brings the keys directory of the old one

Exit codes: 0 done, 1 failed, 2 not understood.`
