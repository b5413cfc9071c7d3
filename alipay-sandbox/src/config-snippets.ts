import { type MerchantFile, merchantEnv } from './merchant-files.ts'

const q = (text: string) => JSON.stringify(text)

/** How each SDK is pointed at a sandbox, ready to paste. Private keys appear as paths only. */
export const CONFIG_SNIPPETS: Readonly<Record<string, (file: MerchantFile) => string>> = {
  env: merchantEnv,
  json: (file) => JSON.stringify(file, null, 2),
  node: (file) => `import { readFileSync } from 'node:fs'
import { AlipaySdk } from 'alipay-sdk'

const sdk = new AlipaySdk({
  appId: ${q(file.appId)},
  privateKey: readFileSync(${q(file.appPrivateKeyFile)}, 'utf8'),
  alipayPublicKey: ${q(file.alipayPublicKey)},
  gateway: ${q(file.gateway)},
})`,
  java: (file) => `AlipayConfig config = new AlipayConfig();
config.setServerUrl(${q(file.gateway)});
config.setAppId(${q(file.appId)});
config.setPrivateKey(Files.readString(Path.of(${q(file.appPrivateKeyPkcs8File)})).trim());
config.setAlipayPublicKey(${q(file.alipayPublicKey)});
config.setSignType("RSA2");
AlipayClient client = new DefaultAlipayClient(config);`,
  php: (file) => `$aop = new AopClient();
$aop->gatewayUrl = ${q(file.gateway)};
$aop->appId = ${q(file.appId)};
$aop->rsaPrivateKeyFilePath = ${q(file.appPrivateKeyFile)};
$aop->alipayrsaPublicKey = ${q(file.alipayPublicKey)};
$aop->signType = 'RSA2';`,
  python: (file) => `config = AlipayClientConfig()
config.server_url = ${q(file.gateway)}
config.app_id = ${q(file.appId)}
config.app_private_key = open(${q(file.appPrivateKeyFile)}).read()
config.alipay_public_key = ${q(file.alipayPublicKey)}
client = DefaultAlipayClient(alipay_client_config=config)`,
  go: (file) => `key, _ := os.ReadFile(${q(file.appPrivateKeyFile)})
client, err := alipay.New(${q(file.appId)}, string(key), false, alipay.WithSandboxGateway(${q(file.gateway)}))
err = client.LoadAliPayPublicKey(${q(file.alipayPublicKey)})`,
  ruby: (file) => `client = Alipay::Client.new(
  url: ${q(file.gateway)},
  app_id: ${q(file.appId)},
  app_private_key: File.read(${q(file.appPrivateKeyFile)}),
  alipay_public_key: File.read(${q(file.alipayPublicKeyFile)})
)`,
}
