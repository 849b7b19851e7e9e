//! Values and forms as names and values.

use serde::Serialize;
use wasm_bindgen::prelude::*;
use web_sys::{Blob, File, FormData, HtmlFormElement};

use super::Body;
use crate::browser::global::require_browser;
use crate::browser::value::Thrown;
use crate::error::{Error, Result};

/// A [`multipart/form-data`](https://xhr.spec.whatwg.org/#interface-formdata) body: fields, files and blobs, or those of
/// a form in the page. The browser writes it, and chooses the boundary.
///
/// ```no_run
/// # async fn example(photo: web_sys::File) -> pagewire::Result<()> {
/// use pagewire::http::{self, Form};
///
/// let form = Form::new()?.text("title", "A photo")?.file("photo", &photo)?;
/// http::post("/photos").body(form).await?;
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
pub struct Form(FormData);

impl Form {
    /// A form without fields.
    ///
    /// ```no_run
    /// # async fn example() -> pagewire::Result<()> {
    /// use pagewire::http::{self, Form};
    ///
    /// let form = Form::new()?.text("comment", "Well said.")?;
    /// http::post("/comments").body(form).await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported) where there is no browser.
    pub fn new() -> Result<Self> {
        require_browser()?;
        FormData::new().map(Form).map_err(|thrown| refused(&thrown))
    }

    /// The fields of a form element,
    /// [as a browser would send them](https://html.spec.whatwg.org/multipage/form-control-infrastructure.html#constructing-the-form-data-set):
    /// without those that are disabled, unchecked or
    /// unnamed.
    ///
    /// ```no_run
    /// # async fn example(form: &web_sys::HtmlFormElement) -> pagewire::Result<()> {
    /// use pagewire::http::{self, Form};
    ///
    /// http::post("/comments").body(Form::of(form)?).await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// As [`new`](Form::new).
    pub fn of(form: &HtmlFormElement) -> Result<Self> {
        require_browser()?;
        FormData::new_with_form(form).map(Form).map_err(|thrown| refused(&thrown))
    }

    /// The fields of a form element, and the name and value of the button that submits it.
    ///
    /// ```no_run
    /// # async fn example(form: &web_sys::HtmlFormElement, button: &web_sys::HtmlElement) -> pagewire::Result<()> {
    /// use pagewire::http::{self, Form};
    ///
    /// // Of a form with several buttons, such as "save" and "publish".
    /// http::post("/articles").body(Form::of_submitted(form, button)?).await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::InvalidRequest`](crate::ErrorKind::InvalidRequest) if `submitter` does not submit this form.
    pub fn of_submitted(form: &HtmlFormElement, submitter: &web_sys::HtmlElement) -> Result<Self> {
        require_browser()?;
        SubmittedForm::new(form, submitter)
            .map(|data| Form(data.unchecked_into()))
            .map_err(|thrown| refused(&thrown))
    }

    /// Adds a field; a name may repeat.
    ///
    /// ```no_run
    /// # async fn example() -> pagewire::Result<()> {
    /// use pagewire::http::Form;
    ///
    /// let form = Form::new()?.text("tag", "red")?.text("tag", "round")?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// None that is known.
    pub fn text(self, name: &str, value: &str) -> Result<Self> {
        self.0.append_with_str(name, value).map_err(|thrown| refused(&thrown))?;
        Ok(self)
    }

    /// Adds a file under its own name. It is not read into memory.
    ///
    /// ```no_run
    /// # async fn example(photo: &web_sys::File) -> pagewire::Result<()> {
    /// use pagewire::http::{self, Form};
    ///
    /// let form = Form::new()?.file("photo", photo)?;
    /// http::post("/photos").body(form).upload_events().await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// None that is known.
    pub fn file(self, name: &str, file: &File) -> Result<Self> {
        self.0.append_with_blob(name, file).map_err(|thrown| refused(&thrown))?;
        Ok(self)
    }

    /// Adds a blob as a file of this name. It is not read into memory.
    ///
    /// ```no_run
    /// # async fn example(drawing: &web_sys::Blob) -> pagewire::Result<()> {
    /// use pagewire::http::{self, Form};
    ///
    /// let form = Form::new()?.blob("drawing", drawing, "drawing.png")?;
    /// http::post("/drawings").body(form).await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// None that is known.
    pub fn blob(self, name: &str, blob: &Blob, file_name: &str) -> Result<Self> {
        self.0.append_with_blob_and_filename(name, blob, file_name).map_err(|thrown| refused(&thrown))?;
        Ok(self)
    }

    /// The fields as [form-urlencoded](https://url.spec.whatwg.org/#urlencoded-serializing) text; of a file its name, and
    /// every line end as CRLF, as a browser does.
    ///
    /// ```no_run
    /// # async fn example(form: &web_sys::HtmlFormElement) -> pagewire::Result<()> {
    /// use pagewire::http::{self, Form};
    ///
    /// let fields = Form::of(form)?.to_urlencoded();
    /// let request = http::post("/login").header("content-type", "application/x-www-form-urlencoded");
    /// request.body(fields).await?;
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn to_urlencoded(&self) -> String {
        let mut text = form_urlencoded::Serializer::new(String::new());
        for pair in js_sys::Array::from(&self.0).iter() {
            let pair: js_sys::Array = pair.unchecked_into();
            let [name, value] = [0, 1].map(|index| pair.get(index));
            let value = value.dyn_ref::<File>().map(File::name).or_else(|| value.as_string());
            text.append_pair(&crlf(&name.as_string().unwrap_or_default()), &crlf(&value.unwrap_or_default()));
        }
        text.finish()
    }
}

impl From<Form> for Body {
    fn from(form: Form) -> Self {
        form.0.into()
    }
}

/// "Replace every occurrence of U+000D (CR) not followed by U+000A (LF), and every occurrence of U+000A (LF) not preceded
/// by U+000D (CR)": <https://html.spec.whatwg.org/#converting-an-entry-list-to-a-list-of-name-value-pairs>
fn crlf(text: &str) -> String {
    text.replace("\r\n", "\n").replace(['\r', '\n'], "\r\n")
}

/// The pairs of a serde value.
pub(crate) fn pairs(value: &(impl Serialize + ?Sized)) -> Result<Vec<(String, String)>> {
    let text = encode(value)?;
    Ok(form_urlencoded::parse(text.as_bytes()).into_owned().collect())
}

/// A serde value as form-urlencoded text.
pub(crate) fn encode(value: &(impl Serialize + ?Sized)) -> Result<String> {
    serde_urlencoded::to_string(value).map_err(|error| {
        Error::invalid("the value is not a flat list of names and values").with_source(error)
    })
}

fn refused(thrown: &JsValue) -> Error {
    Error::invalid("the browser does not take this as form data").with_thrown(Thrown::new(thrown))
}

#[wasm_bindgen]
extern "C" {
    // https://xhr.spec.whatwg.org/#dom-formdata: the second argument is newer than web-sys has it.
    #[wasm_bindgen(js_name = FormData)]
    type SubmittedForm;

    #[wasm_bindgen(constructor, catch, js_class = FormData)]
    fn new(form: &HtmlFormElement, submitter: &web_sys::HtmlElement) -> Result<SubmittedForm, JsValue>;
}
