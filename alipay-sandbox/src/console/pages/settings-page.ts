import { type Html, html } from '../../cashier/html.ts'
import { describeRule, SETTING_GROUPS, SETTING_NAMES, SETTINGS, type Settings } from '../../settings.ts'
import { type ConsolePage, postForm, type Visit } from '../page.ts'
import type { PageContext } from '../pages.ts'
import { chip } from '../words.ts'

/** Every setting with its default and the reason for it: the differences page, and the place to change them. */
export function settingsPage({ visit, control, facts }: PageContext): ConsolePage {
  const { say } = visit
  const settings = control.settings()
  const groups = Object.entries(SETTING_GROUPS) as [keyof typeof SETTING_GROUPS, { zh: string; en: string }][]
  return {
    title: say('设置与差异', 'Settings and differences'),
    place: 'settings',
    body: html`<h1>${say('设置，也是和真实网关的差异', 'Settings: the differences from the real gateway')}</h1>
<p class="lead">${say('官方没有写明、或各处说法不一的行为，都做成了设置，并写出默认值和理由。标着', 'Whatever is not documented, or told differently by different sources, is a setting with its default and the reason for it. What is marked')} ${chip('wait', say('未确认', 'open'))} ${say('的，真实网关可能是另一种：两种都试一试。', 'may be otherwise at the real gateway: try both.')}</p>
${groups.map(([group, name]) => {
  const names = SETTING_NAMES.filter((one) => SETTINGS[one].group === group)
  if (names.length === 0) return html``
  return html`<section class="card" aria-labelledby="group-${group}"><h2 id="group-${group}">${name[visit.language]}</h2>${postForm(
    visit,
    'settings',
    html`${names.map((one) => settingRow(one, settings, visit))}<p></p><button class="second">${say(`保存“${name.zh}”`, `Save “${name.en}”`)}</button>`,
  )}</section>`
})}
${facts.allowReset ? html`<section class="card" aria-labelledby="reset"><h2 id="reset">${say('清空', 'Reset')}</h2><p class="soft">${say('忘掉交易、通知、故障和设置，余额回到最初；密钥和账户留下。', 'Forgets trades, notifies, faults and settings and gives back the first balances; keys and accounts stay.')}</p>${postForm(visit, 'reset', html`<button class="grave">${say('清空沙箱', 'Reset the sandbox')}</button>`)}</section>` : undefined}`,
  }
}

function settingRow(name: keyof Settings, settings: Settings, visit: Visit): Html {
  const { say, language } = visit
  const entry = SETTINGS[name]
  const standing = written(settings[name])
  const standard = written(entry.default)
  return html`<div class="setting" id="setting-${name}"><div><label for="${name}"><code>${name}</code> ${entry.open ? chip('wait', say('未确认', 'open')) : undefined} ${standing === standard ? undefined : chip('done', say('已改', 'changed'))}</label><p id="why-${name}">${entry[language]}</p></div>
<div>${control(name, standing, visit)}<p class="small">${say('默认', 'Default')} <code>${standard}</code></p></div></div>`
}

const written = (value: unknown): string => (Array.isArray(value) ? value.join(', ') : String(value))

function control(name: keyof Settings, standing: string, { say }: Visit): Html {
  const { rule } = SETTINGS[name]
  const described = html` id="${name}" name="${name}" aria-describedby="why-${name}"`
  const options = rule.type === 'boolean' ? ['true', 'false'] : rule.type === 'choice' ? rule.of : undefined
  if (!options) {
    const limits = describeRule(rule)
    return html`<input${described} autocomplete="off" value="${standing}" title="${limits}"${rule.type === 'number' ? html` inputmode="decimal"` : undefined}>`
  }
  const names: Readonly<Record<string, string>> =
    rule.type === 'boolean' ? { true: say('是 (true)', 'true'), false: say('否 (false)', 'false') } : {}
  return html`<select${described}>${options.map((one) => html`<option value="${one}"${one === standing ? html` selected` : undefined}>${names[one] ?? one}</option>`)}</select>`
}
