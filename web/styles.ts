// The style of the frame, the kit and the public pages: one file, which the server puts into every page.
import './ui/tokens.css'
import './ui/kit.css'
import './ui/frame.css'
import './features/houses/houses.css'
import './features/search/search.css'
